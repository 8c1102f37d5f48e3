#include "core/quota/limiters.hpp"

#include <doctest/doctest.h>

#include <vector>

// The limiter, decision by decision: slots, reservations, refusals, probes. Time is a parameter.

using namespace std::chrono_literals;
using doks::rate_window;
using doks::core::instant;
using doks::core::never;
using namespace core_test;

namespace {

/// Takes every slot that is free now.
std::size_t take_all(
    rate_limiter& limiter, instant now, std::vector<rate_limiter::ticket>& taken, std::size_t reserved_slots = 0)
{
    std::size_t count = 0;
    while (auto ticket = limiter.reserve(now, leaving(reserved_slots))) {
        taken.push_back(*ticket);
        ++count;
    }
    return count;
}

/// Takes every slot that is free now, and has each request answered at once.
std::size_t burst(rate_limiter& limiter, instant now)
{
    std::vector<rate_limiter::ticket> taken;
    take_all(limiter, now, taken);
    for (const auto& each : taken) limiter.settle(each, now);
    return taken.size();
}

}

TEST_CASE("a window gives its limit at once, and a slot again when it expires, counted from the response")
{
    auto limiter = warmed({{3, 60s}});
    std::vector<rate_limiter::ticket> taken;
    CHECK(take_all(limiter, start, taken) == 3);
    CHECK(limiter.in_flight() == 3);
    limiter.settle(taken[0], start + 1s);
    limiter.settle(taken[1], start + 2s);
    CHECK(limiter.next(start + 2s) == start + 61s);
    CHECK_FALSE(limiter.reserve(start + 61s - 1ns));
    CHECK(limiter.reserve(start + 61s));
    CHECK_FALSE(limiter.reserve(start + 61s));
    CHECK(limiter.reserve(start + 62s));
    CHECK_FALSE(limiter.reserve(start + 1h));
    CHECK(limiter.next(start + 1h) == start + 1h + 60s);
}

TEST_CASE("what was given back leaves no trace")
{
    auto limiter = warmed({{1, 60s}});
    for (int i = 0; i < 100; ++i) {
        const auto ticket = limiter.reserve(start);
        REQUIRE(ticket);
        CHECK(limiter.used({1, 60s}, start) == 1);
        limiter.give_back(*ticket);
        CHECK(limiter.used({1, 60s}, start) == 0);
    }
    CHECK(limiter.next(start) == start);
}

TEST_CASE("every window is kept, in whatever order they are given")
{
    for (const auto& windows :
        {std::vector<rate_window>{{2, 1s}, {3, 10s}}, std::vector<rate_window>{{3, 10s}, {2, 1s}}}) {
        auto limiter = warmed(windows);
        CHECK(burst(limiter, start) == 2);
        CHECK(burst(limiter, start + 1s) == 1);
        CHECK(limiter.next(start + 1s) == start + 10s);
        CHECK(burst(limiter, start + 10s) == 2);
        CHECK(limiter.used({3, 10s}, start + 10s) == 3);
        CHECK(limiter.used({2, 1s}, start + 10s) == 2);
    }
}

TEST_CASE("without windows only refusals hold requests back")
{
    rate_limiter limiter({});
    std::vector<rate_limiter::ticket> taken;
    for (int i = 0; i < 10'000; ++i) taken.push_back(*limiter.reserve(start));
    CHECK(limiter.next(start, leaving(10), 10'000) == start);
    limiter.refuse(taken[0], start, start + 5s);
    CHECK_FALSE(limiter.reserve(start + 5s - 1ns));
    CHECK(limiter.next(start) == start + 5s);
    CHECK(limiter.reserve(start + 5s));
}

TEST_CASE("a bulk that is not told leaves a twenty-fifth of the shortest window")
{
    const std::pair<std::size_t, std::size_t> windows[] = {{250, 240}, {25, 24}, {24, 24}, {1, 1}};
    for (const auto& each : windows) {
        auto limiter = warmed({{each.first, 1min}});
        const rate_limiter::terms untold{doks::core::priority::bulk, std::nullopt};
        std::size_t count = 0;
        while (limiter.reserve(start, untold)) ++count;
        CHECK(count == each.second);
    }
}

TEST_CASE("a bulk leaves slots of the shortest window to others")
{
    auto limiter = warmed({{250, 60s}, {5000, 3600s}});
    std::vector<rate_limiter::ticket> taken;
    CHECK(take_all(limiter, start, taken, 10) == 240);
    CHECK_FALSE(limiter.reserve(start, leaving(10)));
    CHECK(limiter.next(start, leaving(10), 0) > start);
    CHECK(limiter.next(start, leaving(0), 0) == start);
    CHECK(take_all(limiter, start, taken) == 10);
}

TEST_CASE("however many slots are reserved, one remains")
{
    for (const auto reserved_slots : std::initializer_list<std::size_t>{2, 3, 4, 1000, SIZE_MAX}) {
        CAPTURE(reserved_slots);
        auto limiter = warmed({{3, 60s}});
        const auto ticket = limiter.reserve(start, leaving(reserved_slots));
        REQUIRE(ticket);
        CHECK_FALSE(limiter.reserve(start, leaving(reserved_slots)));
        limiter.settle(*ticket, start);
        CHECK(limiter.next(start, leaving(reserved_slots), 0) == start + 60s);
        CHECK(limiter.reserve(start + 60s, leaving(reserved_slots)));
    }
}

TEST_CASE("a waiter behind others learns when its turn can come at the earliest")
{
    auto limiter = warmed({{2, 60s}});
    CHECK(limiter.next(start, leaving(0), 0) == start);
    CHECK(limiter.next(start, leaving(0), 1) == start);
    CHECK(limiter.next(start, leaving(0), 2) == start + 60s);
    limiter.settle(*limiter.reserve(start), start + 10s);
    CHECK(limiter.next(start + 20s, leaving(0), 0) == start + 20s);
    CHECK(limiter.next(start + 20s, leaving(0), 1) == start + 70s);
    CHECK(limiter.next(start + 20s, leaving(0), 1000) < never);
}

TEST_CASE("a refusal closes; one probe goes after it, a second later two, and each response lets one more be under way")
{
    auto limiter = warmed({{250, 60s}});
    const auto first = *limiter.reserve(start);
    limiter.refuse(first, start, start + 30s);
    CHECK(limiter.closed_until() == start + 30s);
    CHECK(limiter.refusals() == 1);
    CHECK(limiter.next(start) == start + 30s);
    CHECK_FALSE(limiter.reserve(start + 30s - 1ns));
    const auto probe = limiter.reserve(start + 30s);
    REQUIRE(probe);
    CHECK_FALSE(limiter.reserve(start + 31s));
    CHECK_FALSE(limiter.closed_until());
    limiter.settle(*probe, start + 30s + 200ms);
    CHECK(limiter.refusals() == 0);
    CHECK_FALSE(limiter.reserve(start + 30s + 200ms));
    CHECK(limiter.next(start + 30s + 200ms) == start + 31s);
    CHECK(burst(limiter, start + 31s) == 2);
    CHECK(burst(limiter, start + 31s) == 4);
    CHECK(burst(limiter, start + 31s) == 8);
}

TEST_CASE("a probe that is refused closes again, and refusals in a row are counted")
{
    rate_limiter limiter({});
    instant now = start;
    for (unsigned refusals = 0; refusals < 5; ++refusals) {
        CHECK(limiter.refusals() == refusals);
        limiter.refuse(*limiter.reserve(now), now, now + 10s);
        CHECK_FALSE(limiter.reserve(now + 9s));
        now += 10s;
    }
    limiter.settle(*limiter.reserve(now), now);
    CHECK(limiter.refusals() == 0);
}

TEST_CASE("a probe without a response holds up no other: another goes after a second, or after 15 where a refusal came "
          "before")
{
    rate_limiter limiter({{10, 1min}});
    REQUIRE(limiter.reserve(start));
    CHECK_FALSE(limiter.reserve(start + 1s - 1ns));
    const auto second = limiter.reserve(start + 1s);
    REQUIRE(second);
    limiter.refuse(*second, start + 2s, start + 3s);
    REQUIRE(limiter.reserve(start + 3s));
    CHECK_FALSE(limiter.reserve(start + 18s - 1ns));
    CHECK(limiter.reserve(start + 18s));
}

TEST_CASE("a probe that never left lets another one go")
{
    rate_limiter limiter({});
    limiter.refuse(*limiter.reserve(start), start, start + 10s);
    for (int i = 0; i < 3; ++i) {
        const auto probe = limiter.reserve(start + 10s);
        REQUIRE(probe);
        CHECK_FALSE(limiter.reserve(start + 10s));
        limiter.give_back(*probe);
        CHECK(limiter.refusals() == 1);
    }
    CHECK(limiter.reserve(start + 10s));
    CHECK_FALSE(limiter.reserve(start + 10s));
}

TEST_CASE("64 refusals of one burst are one closure; the server's latest time counts")
{
    rate_limiter limiter({});
    std::vector<rate_limiter::ticket> burst;
    for (int i = 0; i < 64; ++i) burst.push_back(*limiter.reserve(start));
    for (int i = 0; i < 64; ++i) limiter.refuse(burst[i], start, start + std::chrono::seconds(10 + i % 7));
    CHECK(limiter.refusals() == 1);
    CHECK(limiter.in_flight() == 0);
    CHECK(limiter.closed_until() == start + 16s);
    CHECK(limiter.reserve(start + 16s));
    CHECK_FALSE(limiter.reserve(start + 16s));
}

TEST_CASE("a right that was given before a refusal is no longer good while it lasts; the probe's is")
{
    rate_limiter limiter({});
    const auto first = *limiter.reserve(start), unsent = *limiter.reserve(start);
    CHECK(limiter.is_good(unsent));
    limiter.refuse(first, start, start + 30s);
    CHECK_FALSE(limiter.is_good(unsent));
    const auto probe = *limiter.reserve(start + 30s);
    CHECK_FALSE(limiter.is_good(unsent));
    CHECK(limiter.is_good(probe));
    limiter.settle(probe, start + 31s);
    CHECK(limiter.is_good(unsent));
}

TEST_CASE("late responses to requests sent before the closure change nothing but the count")
{
    rate_limiter limiter({});
    const auto first = *limiter.reserve(start), late_200 = *limiter.reserve(start), late_429 = *limiter.reserve(start),
               unsent = *limiter.reserve(start), last = *limiter.reserve(start);
    limiter.refuse(first, start, start + 30s);
    limiter.settle(late_200, start + 1s);
    CHECK(limiter.closed_until() == start + 30s);
    CHECK(limiter.refusals() == 1);
    const auto probe = limiter.reserve(start + 30s);
    REQUIRE(probe);
    limiter.give_back(unsent);
    CHECK_FALSE(limiter.reserve(start + 30s));
    limiter.refuse(late_429, start + 31s, start + 90s);
    CHECK_FALSE(limiter.reserve(start + 31s));
    limiter.settle(*probe, start + 32s);
    CHECK(limiter.reserve(start + 32s));
    limiter.refuse(last, start + 33s, start + 90s);
    CHECK(limiter.reserve(start + 33s));
    CHECK(limiter.in_flight() == 2);
}

TEST_CASE("a late refusal still counts while no probe could go for want of a slot")
{
    auto limiter = warmed({{3, 60s}});
    std::vector<rate_limiter::ticket> taken;
    take_all(limiter, start, taken);
    limiter.settle(taken[0], start);
    limiter.refuse(taken[1], start, start + 10s);
    CHECK_FALSE(limiter.reserve(start + 10s));
    limiter.refuse(taken[2], start + 11s, start + 100s);
    CHECK_FALSE(limiter.reserve(start + 99s));
    CHECK(limiter.next(start + 11s) == start + 100s);
    CHECK(limiter.reserve(start + 100s));
}

TEST_CASE("a late refusal still counts when the probe under way turns out never to have left")
{
    rate_limiter limiter({});
    const auto first = *limiter.reserve(start), late = *limiter.reserve(start);
    limiter.refuse(first, start, start + 10s);
    const auto probe = *limiter.reserve(start + 10s);
    limiter.refuse(late, start + 11s, start + 100s);
    limiter.give_back(probe);
    CHECK_FALSE(limiter.reserve(start + 99s));
    CHECK(limiter.reserve(start + 100s));
}

TEST_CASE("an earlier time of a late refusal does not shorten the closure")
{
    rate_limiter limiter({});
    const auto first = *limiter.reserve(start), late = *limiter.reserve(start);
    limiter.refuse(first, start, start + 30s);
    limiter.refuse(late, start, start + 5s);
    CHECK(limiter.closed_until() == start + 30s);
}
