#include "core/pool/pool_state.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace std::chrono_literals;
using doks::core::instant;
using doks::core::pool_state;
using doks::core::pool_waiter;

namespace {

const instant start{std::chrono::hours(1000)};
constexpr pool_state::limits two{2, 90s};

using ids = std::vector<pool_state::id>;

struct fresh_waiter : pool_waiter
{
    fresh_waiter() { wants_fresh = true; }
};

/// A book with connections 1 to `count`, all of them idle since `start`, the last one on top.
pool_state idle_book(std::size_t count, pool_state::limits bounds)
{
    pool_state book(bounds);
    std::vector<pool_waiter> waiters(count);
    for (auto& each : waiters) book.enqueue(each);
    while (book.begin_open()) {
    }
    for (pool_state::id which = 1; which <= count; ++which) book.opened(which, start);
    for (pool_state::id which = 1; which <= count; ++which) book.released(which, true, start);
    REQUIRE(book.idle() == count);
    return book;
}

}

TEST_CASE("connections are opened only as far as somebody waits, and never beyond the cap")
{
    pool_state book(two);
    CHECK_FALSE(book.begin_open());
    pool_waiter a, b, c;
    book.enqueue(a);
    CHECK(book.begin_open());
    CHECK_FALSE(book.begin_open());
    book.enqueue(b);
    book.enqueue(c);
    CHECK(book.begin_open());
    CHECK_FALSE(book.begin_open());
    CHECK(book.connections() == 2);
    CHECK(book.opened(1, start) == &a);
    CHECK_FALSE(book.begin_open());
    CHECK(book.opened(2, start) == &b);
    CHECK_FALSE(book.begin_open());
    const auto next = book.released(1, true, start);
    CHECK(next.to == &c);
    CHECK_FALSE(next.close);
    CHECK(book.waiting() == 0);
}

TEST_CASE("waiters are served in the order in which they came, whoever's connection it is")
{
    pool_state book({8, 90s});
    std::vector<pool_waiter> waiters(6);
    for (auto& each : waiters) book.enqueue(each);
    for (int i = 0; i < 3; ++i) REQUIRE(book.begin_open());
    CHECK(book.opened(3, start) == &waiters[0]);
    CHECK(book.opened(1, start) == &waiters[1]);
    CHECK(book.released(3, true, start).to == &waiters[2]);
    CHECK(book.opened(2, start) == &waiters[3]);
    CHECK(book.released(2, true, start).to == &waiters[4]);
    CHECK(book.released(1, true, start).to == &waiters[5]);
}

TEST_CASE("whoever had a stale connection is served before those who have had none, in order")
{
    pool_state book({1, 90s});
    pool_waiter a, b;
    fresh_waiter stale, staler;
    book.enqueue(a);
    REQUIRE(book.begin_open());
    book.enqueue(b);
    book.enqueue(stale);
    book.enqueue(staler);
    CHECK(book.opened(1, start) == &stale);
    CHECK(book.released(1, false, start).close);
    REQUIRE(book.begin_open());
    CHECK(book.opened(2, start) == &staler);
    CHECK(book.released(2, true, start).to == &a);
    CHECK(book.released(2, true, start).to == &b);
}

TEST_CASE("an idle connection that is too old does not take younger ones with it")
{
    auto book = idle_book(2, {3, 90s});
    pool_waiter who;
    book.enqueue(who);
    REQUIRE(book.begin_open());
    book.opened(3, start);
    book.released(3, true, start - 80s);
    CHECK(book.take_idle(start + 20s) == 2U);
    CHECK(book.discarded() == ids{3});
    CHECK(book.connections() == 2);
}

TEST_CASE("the idle connection used last is taken first")
{
    auto book = idle_book(3, {3, 90s});
    CHECK(book.take_idle(start) == 3U);
    CHECK(book.take_idle(start) == 2U);
    book.released(3, true, start);
    CHECK(book.take_idle(start) == 3U);
    CHECK(book.take_idle(start) == 1U);
    CHECK_FALSE(book.take_idle(start));
    CHECK(book.connections() == 3);
}

TEST_CASE("an idle connection that is too old is not used, and those below it go with it")
{
    auto book = idle_book(3, {3, 90s});
    CHECK(book.take_idle(start + 90s - 1ns) == 3U);
    book.released(3, true, start + 80s);
    CHECK(book.take_idle(start + 100s) == 3U);
    CHECK_FALSE(book.take_idle(start + 100s));
    CHECK(book.discarded() == ids{2, 1});
    CHECK(book.discarded().empty());
    CHECK(book.connections() == 1);
    CHECK(book.idle() == 0);
}

TEST_CASE("without keep-alive no connection is used twice")
{
    auto book = idle_book(1, {1, 0s});
    CHECK_FALSE(book.take_idle(start));
    CHECK(book.discarded() == ids{1});
    CHECK(book.connections() == 0);
}

TEST_CASE("a cancelled waiter hands its connection on")
{
    pool_state book({1, 90s});
    pool_waiter first, second;
    book.enqueue(first);
    book.enqueue(second);
    REQUIRE(book.begin_open());
    book.withdraw(first);
    CHECK(book.opened(1, start) == &second);
    CHECK_FALSE(book.released(1, true, start).to);
    CHECK(book.idle() == 1);
}

TEST_CASE("a connection that nobody waits for any more idles")
{
    pool_state book(two);
    pool_waiter only;
    book.enqueue(only);
    REQUIRE(book.begin_open());
    book.withdraw(only);
    CHECK(book.opened(1, start) == nullptr);
    CHECK(book.take_idle(start) == 1U);
}

TEST_CASE("a failed opening is told to one waiter, and makes room for another one")
{
    pool_state book({1, 90s});
    pool_waiter first, second;
    book.enqueue(first);
    book.enqueue(second);
    REQUIRE(book.begin_open());
    CHECK(book.open_failed() == &first);
    CHECK(book.connections() == 0);
    REQUIRE(book.begin_open());
    book.withdraw(second);
    CHECK(book.open_failed() == nullptr);
    CHECK(book.connections() == 0);
    CHECK_FALSE(book.begin_open());
}

TEST_CASE("a connection that is not clean is closed and its place given away")
{
    pool_state book({1, 90s});
    pool_waiter first, second;
    book.enqueue(first);
    book.enqueue(second);
    REQUIRE(book.begin_open());
    REQUIRE(book.opened(1, start) == &first);
    const auto next = book.released(1, false, start);
    CHECK(next.close);
    CHECK(next.to == nullptr);
    CHECK(book.connections() == 0);
    REQUIRE(book.begin_open());
    CHECK(book.opened(2, start) == &second);
}

TEST_CASE("whoever wants a fresh connection gets one, at the cost of the oldest idle one where the pool is full")
{
    auto book = idle_book(2, two);
    fresh_waiter who;
    book.enqueue(who);
    CHECK(book.begin_open());
    CHECK(book.discarded() == ids{1});
    CHECK(book.connections() == 2);
    CHECK(book.opened(3, start) == &who);
    CHECK(book.take_idle(start) == 2U);
}

TEST_CASE("where the pool is full and busy, whoever wants a fresh connection has the next one closed for it")
{
    pool_state book({1, 90s});
    pool_waiter first;
    book.enqueue(first);
    REQUIRE(book.begin_open());
    REQUIRE(book.opened(1, start) == &first);
    fresh_waiter fresh;
    pool_waiter behind;
    book.enqueue(fresh);
    book.enqueue(behind);
    CHECK_FALSE(book.begin_open());
    CHECK(book.released(1, true, start).close);
    REQUIRE(book.begin_open());
    CHECK(book.opened(2, start) == &fresh);
    CHECK(book.released(2, true, start).to == &behind);
}

TEST_CASE("one who waits for a fresh connection does not cost the others theirs")
{
    constexpr std::size_t cap = 64;
    pool_state book({cap, 90s});
    std::vector<pool_waiter> busy(cap - 1), behind(10);
    for (auto& each : busy) book.enqueue(each);
    while (book.begin_open()) {
    }
    for (pool_state::id which = 1; which < cap; ++which) REQUIRE(book.opened(which, start));
    fresh_waiter fresh;
    book.enqueue(fresh);
    REQUIRE(book.begin_open());
    for (auto& each : behind) book.enqueue(each);
    for (pool_state::id which = 1; which <= 10; ++which)
        CHECK(book.released(which, true, start).to == &behind[which - 1]);
    for (pool_state::id which = 11; which < cap; ++which) CHECK_FALSE(book.released(which, true, start).close);
    CHECK(book.connections() == cap);
    CHECK(book.opened(cap, start) == &fresh);
}

TEST_CASE("closing what idles leaves what is in use")
{
    auto book = idle_book(3, {3, 90s});
    REQUIRE(book.take_idle(start) == 3U);
    CHECK(book.take_oldest_idle() == 1U);
    CHECK(book.take_oldest_idle() == 2U);
    CHECK_FALSE(book.take_oldest_idle());
    CHECK(book.connections() == 1);
    CHECK_FALSE(book.released(3, true, start).close);
    CHECK(book.idle() == 1);
}
