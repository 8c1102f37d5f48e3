#include "core/quota/aimd_pacer.hpp"

#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <algorithm>

// The spacing of requests beside other users of a token, refusal by refusal, against the arithmetic of its rule.

using namespace std::chrono_literals;
using doks::rate_window;
using doks::core::aimd_pacer;
using doks::core::duration;
using doks::core::instant;

namespace {

constexpr rate_window minute{250, 1min};
constexpr instant start{1000h};

}

TEST_CASE("a bulk that was never refused beside others goes unspaced, whatever is answered")
{
    aimd_pacer pace;
    CHECK(pace.spacing() == 0s);
    for (int i = 0; i < 100; ++i) pace.answered(minute, 250, start + i * 1s);
    CHECK(pace.spacing() == 0s);
}

TEST_CASE("the first refusal spaces the pace so far evenly, a fifth of a window apart at most")
{
    aimd_pacer pace;
    pace.refused(60, 1min, start);
    CHECK(pace.spacing() == 1s);
    for (const std::size_t own : {0, 1, 4, 5}) {
        aimd_pacer slow;
        slow.refused(own, 1min, start);
        CHECK(slow.spacing() == 12s);
    }
}

TEST_CASE("each further refusal halves the pace, down to one in a window")
{
    aimd_pacer pace;
    pace.refused(60, 1min, start);
    for (const auto apart : {2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
        pace.refused(60, 1min, start);
        CHECK(pace.spacing() == apart);
    }
}

TEST_CASE("the pace closes up by an eighth with each window beside busy others, by three quarters beside quiet ones")
{
    aimd_pacer busy;
    busy.refused(10, 1min, start);
    busy.answered(minute, 63, start + 1min);
    CHECK(busy.spacing() == 5250ms);
    aimd_pacer quiet;
    quiet.refused(10, 1min, start);
    quiet.answered(minute, 61, start + 1min);
    CHECK(quiet.spacing() == 1500ms);
}

TEST_CASE("time that passed without responses counts as one window at most")
{
    aimd_pacer pace;
    pace.refused(10, 1min, start);
    pace.answered(minute, 100, start + 48h);
    CHECK(pace.spacing() == 5250ms);
}

TEST_CASE("many answers within a window close the pace up hardly faster than one at its end")
{
    aimd_pacer pace;
    pace.refused(10, 1min, start);
    for (int i = 1; i <= 60; ++i) pace.answered(minute, 100, start + i * 1s);
    CHECK(pace.spacing() > 5250ms);
    CHECK(pace.spacing() < 5325ms);
}

TEST_CASE("the spacing ends where the window's own limit is slower, and begins anew with the next refusal")
{
    aimd_pacer pace;
    pace.refused(60, 1min, start);
    int windows = 0;
    for (; pace.spacing() != 0s && windows < 100; ++windows) {
        CHECK(pace.spacing() >= 240ms);
        pace.answered(minute, 200, start + (windows + 1) * 1min);
    }
    CHECK(windows == 11);
    pace.refused(60, 1min, start + 2h);
    CHECK(pace.spacing() == 1s);
}

TEST_CASE("whatever comes, the spacing is nothing or between a window's own pace and a window")
{
    core_test::rng rng(12);
    aimd_pacer pace;
    instant now = start;
    for (std::size_t i = core_test::steps(50'000, 1'000'000); i != 0; --i) {
        now += rng.between(duration(0), duration(rng.chance(0.1) ? 2h : 2s));
        const duration before = pace.spacing();
        if (rng.chance(0.05)) {
            pace.refused(rng.below(300), 1min, now);
            REQUIRE(pace.spacing() >= std::min<duration>(before, 1min));
            REQUIRE(pace.spacing() != 0s);
        } else {
            pace.answered(minute, rng.below(300), now);
            REQUIRE(pace.spacing() <= before);
            REQUIRE((pace.spacing() == 0s || pace.spacing() >= 240ms));
        }
        REQUIRE(pace.spacing() <= 1min);
    }
}
