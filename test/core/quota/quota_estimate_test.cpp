#include "core/quota/quota_estimate.hpp"

#include "core/quota/limiters.hpp"

#include <doctest/doctest.h>

// The time that a number of requests will take, against the sliding optimum.

using namespace std::chrono_literals;
using doks::core::estimate;
using doks::core::instant;
using namespace core_test;

namespace {

std::chrono::nanoseconds wait_for(const rate_limiter& limiter, std::size_t count, instant now = start)
{
    return estimate(limiter, now, in_bulk(), count) - now;
}

}

TEST_CASE("the estimate is the sliding optimum")
{
    const auto idle = warmed(doks::digitalocean_limits());
    CHECK(wait_for(idle, 0) == 0s);
    CHECK(wait_for(idle, 250) == 0s);
    CHECK(wait_for(idle, 251) == 1min);
    CHECK(wait_for(idle, 1000) == 3min);
    CHECK(wait_for(idle, 5000) == 19min);
    CHECK(wait_for(idle, 10000) == 79min);
}

TEST_CASE("used slots hold an estimate back until their window has passed")
{
    auto used = warmed(doks::digitalocean_limits());
    for (int count = 0; count < 250; ++count) used.settle(*used.reserve(start), start);
    CHECK(wait_for(used, 1) == 1min);
    CHECK(wait_for(used, 1, start + 45s) == 15s);
    CHECK(wait_for(used, 250, start + 1min) == 0s);
}

TEST_CASE("without windows an estimate is now")
{
    rate_limiter open({});
    CHECK(wait_for(open, 1'000'000) == 0s);
}

TEST_CASE("an estimate is not earlier than the limiter's own next slot, whatever the API says of others")
{
    auto limiter = warmed(doks::digitalocean_limits());
    const doks::core::wall_time wall{500000h};
    auto now = start;
    for (const std::size_t remaining : {13, 12, 11, 10}) {
        now += 1s;
        const auto ticket = *limiter.reserve(now);
        doks::core::response_hints said;
        said.rate_limit.limit = 5000;
        said.rate_limit.remaining = remaining;
        said.rate_limit.reset = wall + 20min;
        limiter.settle(ticket, said, {now, wall, 0});
    }
    CHECK(wait_for(limiter, 0, now) == 0s);
    for (const std::size_t count : {1, 10, 11, 250}) {
        CHECK(wait_for(limiter, count, now) >= limiter.next(now, in_bulk(), count - 1) - now);
        CHECK(wait_for(limiter, count, now) <= 1h);
    }
}
