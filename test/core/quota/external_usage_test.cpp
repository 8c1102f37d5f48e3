#include "core/quota/external_usage.hpp"

#include "core/quota/virtual_token.hpp"
#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <utility>

// The estimate of other clients' requests on a token, against bounds from responses and against a simulated token.

using namespace std::chrono_literals;
using namespace core_test;
using doks::core::external_usage;

namespace {

external_usage watched() { return {1h, 1min, 250}; }

/// Watched for two hours without anybody else, so that what appears has a date.
external_usage quiet_until(instant now)
{
    auto others = watched();
    others.observe({0, 10}, now - 2h);
    return others;
}

/// Others at random times, and responses that bound them as far apart as requests under way would.
struct traffic_walk
{
    explicit traffic_walk(std::uint64_t seed)
        : rng(seed)
        , busy(rng.unit())
    {
        for (std::size_t i = rng.below(3000); i != 0; --i)
            arrivals.push_back(now - rng.between(duration(0), duration(1h)));
        std::sort(arrivals.begin(), arrivals.end());
    }

    void step()
    {
        now += rng.between(duration(0), duration(rng.chance(0.02) ? 10min : 2s));
        if (rng.chance(0.01)) busy = rng.unit();
        if (rng.chance(busy)) arrivals.insert(arrivals.end(), rng.below(20), now);
        while (!arrivals.empty() && arrivals.front() <= now - 1h) arrivals.pop_front();
        const std::size_t before = others.used(now);
        const std::size_t truth = arrivals.size(), least = truth - rng.below(std::min<std::size_t>(truth, 64) + 1);
        const std::size_t most = truth + rng.below(65);
        others.observe({least, most}, now);
        const auto last = std::exchange(before_that, {least, most});
        const bool fits = least <= before && before <= most;
        check(before, seen ? std::min(least, last.least) : least, seen ? std::max(most, last.most) : most, fits);
    }

    /// What has no date leaves evenly, so its count is a fraction and may be rounded down once.
    void check(std::size_t before, std::size_t least, std::size_t most, bool fits)
    {
        const std::size_t known = others.used(now);
        REQUIRE(known <= std::max(least, most));
        REQUIRE(known + 1 >= least);
        if (seen && fits) REQUIRE(known == before);
        REQUIRE(others.recent() <= known + 1);
        const instant ahead = now + rng.between(duration(0), duration(2h));
        REQUIRE(others.used(ahead) <= known);
        REQUIRE(others.used(now + 1h) == 0);
        seen = true;
    }

    core_test::rng rng;
    double busy;
    instant now = start;
    std::deque<instant> arrivals;
    external_usage others = watched();
    external_usage::bounds before_that;
    bool seen = false;
};

/// Two responses that agree.
void say(external_usage& others, const external_usage::bounds& what, instant at)
{
    others.observe(what, at);
    others.observe(what, at);
}

}

TEST_CASE("bounds that allow for no other client find none, however wide they are and in whatever order they come")
{
    auto others = watched();
    core_test::rng rng(13);
    for (int i = 0; i < 10'000; ++i) {
        const instant now = start + i * 400ms;
        others.observe({0, rng.below(65)}, now);
        REQUIRE(others.used(now) == 0);
        REQUIRE(others.recent() == 0);
        REQUIRE_FALSE(others.is_stale(now + 1h));
        REQUIRE_FALSE(others.is_new(now));
    }
}

TEST_CASE("on an idle token answers that overtake one another never look like another client's requests")
{
    for (const auto rules : every_server)
        for (std::uint64_t seed = 1; seed <= steps(2, 20); ++seed) {
            CAPTURE(seed);
            CAPTURE(rules.sliding);
            virtual_token token(rules, 0s);
            bulk_process alone(token, seed, 7'000, start);
            alone.run();
            CHECK(alone.most_foreign == 0);
            CHECK(alone.refused == 0);
        }
}

TEST_CASE(
    "a competitor is seen as soon as a response cannot be explained without one, and as little of it as explains it")
{
    auto others = quiet_until(start);
    say(others, {40, 90}, start);
    CHECK(others.used(start) == 40);
    CHECK(others.recent() == 40);
    say(others, {30, 80}, start + 1s);
    CHECK(others.used(start + 1s) == 40);
    say(others, {55, 80}, start + 2s);
    CHECK(others.used(start + 2s) == 55);
    say(others, {0, 20}, start + 3s);
    CHECK(others.used(start + 3s) == 20);
}

TEST_CASE("what appeared counts for a whole window from when it was seen, and then leaves at once")
{
    auto others = quiet_until(start);
    say(others, {40, 40}, start);
    CHECK(others.used(start + 1h - 1ns) == 40);
    CHECK(others.used(start + 1h) == 0);
    say(others, {100, 100}, start + 30min);
    CHECK(others.used(start + 1h) == 60);
    CHECK(others.used(start + 90min) == 0);
}

TEST_CASE("what the first response finds leaves evenly")
{
    auto others = watched();
    say(others, {3600, 3600}, start);
    for (int minute = 0; minute <= 60; ++minute) {
        CHECK(others.used(start + minute * 1min) <= 3600 - 60 * minute);
        CHECK(others.used(start + minute * 1min) + 1 >= 3600 - 60 * minute);
    }
    CHECK(others.used(start + 48h) == 0);
}

TEST_CASE("when some have gone, the oldest did: first those without a date")
{
    auto others = watched();
    say(others, {1000, 1000}, start);
    say(others, {600, 600}, start + 30min);
    CHECK(others.used(start + 30min) == 600);
    say(others, {100, 100}, start + 30min);
    CHECK(others.used(start + 30min) == 100);
    CHECK(others.used(start + 1h) == 100); // the hundred that appeared are left
    CHECK(others.used(start + 90min) == 0);
}

TEST_CASE("the last minute is what appeared within it, and nothing of what was found")
{
    auto others = watched();
    say(others, {3600, 3600}, start);
    CHECK(others.recent() == 0);
    say(others, {3600, 3600}, start + 30s);
    CHECK(others.recent() == 30); // thirty left, thirty came
    say(others, {3600, 3600}, start + 2min);
    CHECK(others.recent() == 90);
    auto known = quiet_until(start);
    say(known, {40, 40}, start);
    say(known, {70, 70}, start + 59s);
    CHECK(known.recent() == 70);
    say(known, {70, 70}, start + 1min);
    CHECK(known.recent() == 30);
}

TEST_CASE("a response is stale after a tenth of the shortest window, where there is anybody else")
{
    auto others = quiet_until(start);
    say(others, {1, 1}, start);
    CHECK_FALSE(others.is_stale(start + 6s));
    CHECK(others.is_stale(start + 6s + 1ns));
    CHECK_FALSE(others.is_stale(start + 1h));
    CHECK_FALSE(watched().is_stale(start));
}

TEST_CASE("others are new until a whole shortest window was watched")
{
    auto others = watched();
    CHECK_FALSE(others.is_new(start));
    say(others, {5, 5}, start);
    CHECK(others.is_new(start));
    CHECK(others.is_new(start + 1min - 1ns));
    CHECK_FALSE(others.is_new(start + 1min));
    auto alone = watched();
    say(alone, {0, 5}, start);
    CHECK_FALSE(alone.is_new(start));
}

TEST_CASE("a single response that cannot be right moves nothing, and leaves a doubt until two agree again")
{
    auto others = watched();
    others.observe({1'040, 1'050}, start);
    others.observe({1'030, 1'050}, start + 1s);
    CHECK(others.is_in_doubt());
    others.observe({1'030, 1'050}, start + 2s);
    CHECK_FALSE(others.is_in_doubt());
    const auto known = others.used(start + 2s);
    for (const external_usage::bounds wrong : {external_usage::bounds{5'000, 5'000}, external_usage::bounds{0, 0}}) {
        others.observe(wrong, start + 2s);
        CHECK(others.used(start + 2s) == known);
        CHECK(others.is_in_doubt());
        say(others, {known, known}, start + 2s);
        CHECK(others.used(start + 2s) == known);
        CHECK_FALSE(others.is_in_doubt());
    }
}

TEST_CASE("what only the first response claimed is forgotten once two others say less")
{
    auto others = watched();
    others.observe({4'900, 5'000}, start);
    others.observe({0, 10}, start + 1s);
    CHECK(others.used(start + 1s) > 4'000);
    others.observe({0, 10}, start + 2s);
    CHECK(others.used(start + 2s) <= 10);
    CHECK(others.is_in_doubt());
}

TEST_CASE("while the bounds hold the true count, so does the estimate, and it moves no further than they ask")
{
    std::size_t answers = 0;
    for (std::uint64_t seed = 1; seed <= steps(20, 200); ++seed) {
        CAPTURE(seed);
        traffic_walk walk(seed);
        for (int i = 0; i < 2'000; ++i, ++answers) walk.step();
    }
    MESSAGE(answers << " answers, no estimate outside their bounds");
}
