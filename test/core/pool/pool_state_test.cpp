#include "core/pool/pool_state.hpp"

#include <doctest/doctest.h>

#include <vector>

// The pool's decisions, event by event: whom a connection goes to, what is opened, what is closed.

using namespace std::chrono_literals;
using doks::core::instant;
using doks::core::pool_state;
using doks::core::pool_waiter;

namespace {

const instant start{std::chrono::hours(1000)};
constexpr pool_state::limits two{2, 90s};

using ids = std::vector<pool_state::id>;

/// A caller that takes new connections only, as one does after a stale one.
struct fresh_waiter : pool_waiter
{
    fresh_waiter() { wants_fresh = true; }
};

/// A state with connections 1 to `count`, all of them idle since `start`, the last one on top.
pool_state idle_book(std::size_t count, pool_state::limits bounds)
{
    pool_state state(bounds);
    std::vector<pool_waiter> waiters(count);
    for (auto& each : waiters) state.enqueue(each);
    while (state.begin_open()) {
    }
    for (pool_state::id which = 1; which <= count; ++which) state.opened(which, start);
    for (pool_state::id which = 1; which <= count; ++which) state.released(which, true, start);
    REQUIRE(state.idle() == count);
    return state;
}

}

TEST_CASE("connections are opened only as far as callers wait, and never beyond the cap")
{
    pool_state state(two);
    CHECK_FALSE(state.begin_open());
    pool_waiter a, b, c;
    state.enqueue(a);
    CHECK(state.begin_open());
    CHECK_FALSE(state.begin_open());
    state.enqueue(b);
    state.enqueue(c);
    CHECK(state.begin_open());
    CHECK_FALSE(state.begin_open());
    CHECK(state.connections() == 2);
    CHECK(state.opened(1, start) == &a);
    CHECK_FALSE(state.begin_open());
    CHECK(state.opened(2, start) == &b);
    CHECK_FALSE(state.begin_open());
    const auto next = state.released(1, true, start);
    CHECK(next.to == &c);
    CHECK_FALSE(next.close);
    CHECK(state.waiting() == 0);
}

TEST_CASE("waiters are served in the order in which they came, by whichever connection")
{
    pool_state state({8, 90s});
    std::vector<pool_waiter> waiters(6);
    for (auto& each : waiters) state.enqueue(each);
    for (int i = 0; i < 3; ++i) REQUIRE(state.begin_open());
    CHECK(state.opened(3, start) == &waiters[0]);
    CHECK(state.opened(1, start) == &waiters[1]);
    CHECK(state.released(3, true, start).to == &waiters[2]);
    CHECK(state.opened(2, start) == &waiters[3]);
    CHECK(state.released(2, true, start).to == &waiters[4]);
    CHECK(state.released(1, true, start).to == &waiters[5]);
}

TEST_CASE("callers that had a stale connection are served before those that have had none, in order")
{
    pool_state state({1, 90s});
    pool_waiter a, b;
    fresh_waiter stale, staler;
    state.enqueue(a);
    REQUIRE(state.begin_open());
    state.enqueue(b);
    state.enqueue(stale);
    state.enqueue(staler);
    CHECK(state.opened(1, start) == &stale);
    CHECK(state.released(1, false, start).close);
    REQUIRE(state.begin_open());
    CHECK(state.opened(2, start) == &staler);
    CHECK(state.released(2, true, start).to == &a);
    CHECK(state.released(2, true, start).to == &b);
}

TEST_CASE("an idle connection that is too old does not take younger ones with it")
{
    auto state = idle_book(2, {3, 90s});
    pool_waiter who;
    state.enqueue(who);
    REQUIRE(state.begin_open());
    state.opened(3, start);
    state.released(3, true, start - 80s);
    CHECK(state.take_idle(start + 20s) == 2U);
    CHECK(state.discarded() == ids{3});
    CHECK(state.connections() == 2);
}

TEST_CASE("the idle connection used last is taken first")
{
    auto state = idle_book(3, {3, 90s});
    CHECK(state.take_idle(start) == 3U);
    CHECK(state.take_idle(start) == 2U);
    state.released(3, true, start);
    CHECK(state.take_idle(start) == 3U);
    CHECK(state.take_idle(start) == 1U);
    CHECK_FALSE(state.take_idle(start));
    CHECK(state.connections() == 3);
}

TEST_CASE("an idle connection that is too old is not used, and those below it go with it")
{
    auto state = idle_book(3, {3, 90s});
    CHECK(state.take_idle(start + 90s - 1ns) == 3U);
    state.released(3, true, start + 80s);
    CHECK(state.take_idle(start + 100s) == 3U);
    CHECK_FALSE(state.take_idle(start + 100s));
    CHECK(state.discarded() == ids{2, 1});
    CHECK(state.discarded().empty());
    CHECK(state.connections() == 1);
    CHECK(state.idle() == 0);
}

TEST_CASE("without keep-alive no connection is used twice")
{
    auto state = idle_book(1, {1, 0s});
    CHECK_FALSE(state.take_idle(start));
    CHECK(state.discarded() == ids{1});
    CHECK(state.connections() == 0);
}

TEST_CASE("a cancelled waiter hands its connection on")
{
    pool_state state({1, 90s});
    pool_waiter first, second;
    state.enqueue(first);
    state.enqueue(second);
    REQUIRE(state.begin_open());
    state.withdraw(first);
    CHECK(state.opened(1, start) == &second);
    CHECK_FALSE(state.released(1, true, start).to);
    CHECK(state.idle() == 1);
}

TEST_CASE("a connection without waiters idles")
{
    pool_state state(two);
    pool_waiter only;
    state.enqueue(only);
    REQUIRE(state.begin_open());
    state.withdraw(only);
    CHECK(state.opened(1, start) == nullptr);
    CHECK(state.take_idle(start) == 1U);
}

TEST_CASE("a failed opening is told to one waiter, and makes room for another one")
{
    pool_state state({1, 90s});
    pool_waiter first, second;
    state.enqueue(first);
    state.enqueue(second);
    REQUIRE(state.begin_open());
    CHECK(state.open_failed() == &first);
    CHECK(state.connections() == 0);
    REQUIRE(state.begin_open());
    state.withdraw(second);
    CHECK(state.open_failed() == nullptr);
    CHECK(state.connections() == 0);
    CHECK_FALSE(state.begin_open());
}

TEST_CASE("a connection that is not clean is closed and its place given away")
{
    pool_state state({1, 90s});
    pool_waiter first, second;
    state.enqueue(first);
    state.enqueue(second);
    REQUIRE(state.begin_open());
    REQUIRE(state.opened(1, start) == &first);
    const auto next = state.released(1, false, start);
    CHECK(next.close);
    CHECK(next.to == nullptr);
    CHECK(state.connections() == 0);
    REQUIRE(state.begin_open());
    CHECK(state.opened(2, start) == &second);
}

TEST_CASE("a caller that wants a fresh connection gets one, at the cost of the oldest idle one where the pool is full")
{
    auto state = idle_book(2, two);
    fresh_waiter who;
    state.enqueue(who);
    CHECK(state.begin_open());
    CHECK(state.discarded() == ids{1});
    CHECK(state.connections() == 2);
    CHECK(state.opened(3, start) == &who);
    CHECK(state.take_idle(start) == 2U);
}

TEST_CASE("where the pool is full and busy, a caller that wants a fresh connection has the next one closed for it")
{
    pool_state state({1, 90s});
    pool_waiter first;
    state.enqueue(first);
    REQUIRE(state.begin_open());
    REQUIRE(state.opened(1, start) == &first);
    fresh_waiter fresh;
    pool_waiter behind;
    state.enqueue(fresh);
    state.enqueue(behind);
    CHECK_FALSE(state.begin_open());
    CHECK(state.released(1, true, start).close);
    REQUIRE(state.begin_open());
    CHECK(state.opened(2, start) == &fresh);
    CHECK(state.released(2, true, start).to == &behind);
}

TEST_CASE("one who waits for a fresh connection does not cost the others theirs")
{
    constexpr std::size_t cap = 64;
    pool_state state({cap, 90s});
    std::vector<pool_waiter> busy(cap - 1), behind(10);
    for (auto& each : busy) state.enqueue(each);
    while (state.begin_open()) {
    }
    for (pool_state::id which = 1; which < cap; ++which) REQUIRE(state.opened(which, start));
    fresh_waiter fresh;
    state.enqueue(fresh);
    REQUIRE(state.begin_open());
    for (auto& each : behind) state.enqueue(each);
    for (pool_state::id which = 1; which <= 10; ++which)
        CHECK(state.released(which, true, start).to == &behind[which - 1]);
    for (pool_state::id which = 11; which < cap; ++which) CHECK_FALSE(state.released(which, true, start).close);
    CHECK(state.connections() == cap);
    CHECK(state.opened(cap, start) == &fresh);
}

TEST_CASE("closing idle connections leaves those in use")
{
    auto state = idle_book(3, {3, 90s});
    REQUIRE(state.take_idle(start) == 3U);
    CHECK(state.take_oldest_idle() == 1U);
    CHECK(state.take_oldest_idle() == 2U);
    CHECK_FALSE(state.take_oldest_idle());
    CHECK(state.connections() == 1);
    CHECK_FALSE(state.released(3, true, start).close);
    CHECK(state.idle() == 1);
}
