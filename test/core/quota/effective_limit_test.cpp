#include "core/quota/effective_limit.hpp"

#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

// The limit that responses agree on, against sequences of responses that lower it, raise it or lie.

using namespace std::chrono_literals;
using doks::rate_window;
using doks::core::effective_limit;

namespace {

constexpr rate_window hour{5000, 1h};

/// What holds after the responses.
std::size_t after(effective_limit& account, std::initializer_list<std::size_t> answers)
{
    for (const auto said : answers) account.heard(said);
    return account.limit();
}

}

TEST_CASE("another limit holds when three responses in a row agree on it, lower or higher")
{
    for (const std::size_t other : {std::size_t(1), std::size_t(4'999), std::size_t(8'000)}) {
        effective_limit account(hour);
        CHECK(after(account, {other, other}) == 5000);
        CHECK(after(account, {other}) == other);
        CHECK(after(account, {other, other, 5000, 5000}) == other);
        CHECK(after(account, {5000}) == 5000);
    }
}

TEST_CASE("a response in between that says another limit makes the three start again")
{
    effective_limit account(hour);
    CHECK(after(account, {8000, 8000, 8001, 8000, 8000}) == 5000);
    CHECK(after(account, {8000}) == 8000);
    effective_limit torn(hour);
    CHECK(after(torn, {8000, 9000, 8000, 9000, 8000, 9000}) == 5000);
    effective_limit low(hour);
    CHECK(after(low, {1, 1, 5000, 1, 1, 4000, 1}) == 5000);
}

TEST_CASE("a response agrees with the limit that holds, or with the usual one before any three agreed")
{
    effective_limit own({4000, 1h});
    CHECK(own.heard(4000));
    CHECK(own.heard(5000)); // DigitalOcean's own; the user's is a restraint
    CHECK_FALSE(own.heard(1));
    CHECK_FALSE(own.heard(8000));
    CHECK_FALSE(own.heard(8000));
    CHECK(own.heard(8000));
    CHECK(own.heard(8000));
    CHECK_FALSE(own.heard(5000));
}

TEST_CASE("no responses raise DigitalOcean's hour beyond ten times")
{
    effective_limit account(hour);
    CHECK(after(account, {50'000, 50'000, 50'000}) == 50'000);
    effective_limit greedy(hour);
    CHECK(after(greedy, {100'000'000, 100'000'000, 100'000'000}) == 50'000);
}

TEST_CASE("a window of the user's own is lowered, and never raised beyond what was configured")
{
    for (const rate_window& own : {rate_window{4999, 1h}, rate_window{5001, 1h}, rate_window{5000, 2h}}) {
        effective_limit account(own);
        CHECK(after(account, {9000, 9000, 9000, 9000}) == own.limit);
        CHECK(after(account, {100, 100, 100}) == 100);
        CHECK(after(account, {9000, 9000, 9000}) == own.limit);
    }
}

TEST_CASE("a limit that no account can have is ignored")
{
    const effective_limit account(hour);
    for (const std::size_t said : {std::size_t(0), std::size_t(100'000'001), SIZE_MAX})
        CHECK_FALSE(account.speaks_of_ours(said));
    for (const std::size_t said : {std::size_t(1), std::size_t(100'000'000)}) CHECK(account.speaks_of_ours(said));
    CHECK_FALSE(effective_limit().speaks_of_ours(5000));
}

TEST_CASE("a window shorter than an hour is meant only where the limit is its own")
{
    const effective_limit scaled({50, 36s});
    CHECK(scaled.speaks_of_ours(50));
    CHECK_FALSE(scaled.speaks_of_ours(5000));
    CHECK(effective_limit({5000, 24h}).speaks_of_ours(8000));
}

TEST_CASE("whatever the responses say, a limit changes only to what the last three agree on, ten times at most")
{
    core_test::rng rng(11);
    effective_limit account(hour);
    std::array<std::size_t, 3> last{};
    std::size_t held = hour.limit;
    for (std::size_t i = core_test::steps(50'000, 1'000'000); i != 0; --i) {
        const std::size_t said = 1 + (rng.chance(0.5) ? rng.below(4) * 20'000 : rng.below(100'000'000));
        last = {last[1], last[2], said};
        const bool accord = account.heard(said);
        const std::size_t next = account.limit();
        const bool agree = last[0] == last[1] && last[1] == last[2];
        if (next != held) REQUIRE((agree && next == std::min(said, 10 * hour.limit)));
        if (agree) REQUIRE(accord);
        held = next;
    }
}
