#include "core/credential/absence.hpp"

#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <vector>

// When 404s mean that a cluster is gone, against the rule's times and in random sequences.

using namespace std::chrono_literals;

namespace doks::core {

namespace {

constexpr instant start{1000h};

}

TEST_CASE("404s within seconds do not mean that a cluster is gone, however many they are")
{
    absence of;
    for (int i = 0; i < 1000; ++i) of.not_found(start + 1s * i, 168h, {});
    CHECK(of.is_suspected());
    CHECK_FALSE(of.is_gone());
}

TEST_CASE("two 404s that are far apart do not either; the third one does")
{
    absence of;
    of.not_found(start, 168h, {});
    of.not_found(start + 24h, 168h, {});
    CHECK_FALSE(of.is_gone());
    of.not_found(start + 24h + 1s, 168h, {});
    CHECK(of.is_gone());
}

TEST_CASE("404s alone end nothing that is valid, however many and however long")
{
    absence of;
    const auto expires = start + 40h;
    for (auto at = start; at < expires; at += 10min) {
        of.not_found(at, 168h, expires);
        REQUIRE_FALSE(of.is_gone());
    }
    of.not_found(expires, 168h, expires);
    CHECK(of.is_gone());
    absence forever;
    for (int i = 0; i < 1000; ++i) forever.not_found(start + 1h * i, {}, never);
    CHECK_FALSE(forever.is_gone());
}

TEST_CASE("evidence that the cluster exists begins anew")
{
    absence of;
    for (int i = 0; i < 10; ++i) of.not_found(start + 10min * i, 168h, {});
    CHECK(of.is_gone());
    of.seen();
    CHECK_FALSE(of.is_gone());
    CHECK_FALSE(of.is_suspected());
    of.not_found(start + 200min, 168h, {});
    of.not_found(start + 201min, 168h, {});
    of.not_found(start + 202min, 168h, {});
    CHECK_FALSE(of.is_gone());
}

TEST_CASE("a credential that lives shortly needs no more than its life, and one that there never was half an hour")
{
    absence of;
    for (const auto at : {0s, 3s, 5s}) of.not_found(start + at, 5s, {});
    CHECK(of.is_gone());
    absence never_held;
    for (const auto at : {0min, 15min, 29min}) never_held.not_found(start + at, {}, {});
    CHECK_FALSE(never_held.is_gone());
    never_held.not_found(start + 30min, {}, {});
    CHECK(never_held.is_gone());
}

TEST_CASE("random 404s and evidence: gone means three or more of them, over the time that is needed")
{
    core_test::rng random(5);
    for (int history = 0; history < 2000; ++history) {
        const duration life = random.chance(0.2) ? duration() : random.between<std::chrono::seconds>(1s, 7200s);
        const duration needed = life == duration() ? absence::time_needed : (std::min)(life, absence::time_needed);
        const auto expires = random.chance(0.3) ? instant() : start + random.between<std::chrono::seconds>(0s, 20'000s);
        absence of;
        std::vector<instant> answers;
        bool gone = false;
        auto now = start;
        for (int i = 0; i < 40; ++i) {
            now += random.between<std::chrono::seconds>(0s, 600s);
            if (random.chance(0.1)) {
                of.seen();
                answers.clear();
                gone = false;
            } else {
                of.not_found(now, life, expires);
                answers.push_back(now);
                gone = gone || (answers.size() >= 3 && now - answers.front() >= needed && now >= expires);
            }
            REQUIRE(of.is_gone() == gone);
        }
    }
}

}
