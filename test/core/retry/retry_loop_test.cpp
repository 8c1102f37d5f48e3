#include "core/retry/retry_loop.hpp"

#include "core/retry/retry_fixture.hpp"

#include <doctest/doctest.h>

// The loop of one call: deadlines, counts of attempts and free sends, against instants that the test passes in.

using namespace std::chrono_literals;
using boost::system::error_code;
using namespace core_test;
using namespace doks::core;
using doks::stop_reason;

namespace {

const outcome refused_connection = broken(system_error(ECONNREFUSED), phase::connect);
const outcome stale = reused(broken(system_error(ECONNRESET), phase::first_byte));

call_policy timeout(duration time)
{
    call_policy how;
    how.timeout = time;
    return how;
}

}

TEST_CASE("a time beyond all time is never")
{
    CHECK(later(start, 5s) == start + 5s);
    CHECK(later(start, 0s) == start);
    CHECK(later(start, -5s) == start - 5s);
    CHECK(later(start, duration::max()) == never);
    CHECK(later(never, 0s) == never);
    CHECK(later(never, 1s) == never);
    CHECK(later(never, -1s) == never - 1s);
    CHECK(later(never - 1s, 1s) == never);
    CHECK(later(never - 1s, 1s - 1ns) == never - 1ns);
    CHECK(later(instant(), duration::max()) == never);
}

TEST_CASE("a plan that sets no bound has none")
{
    retry_loop it({}, start);
    CHECK(it.started() == start);
    CHECK(it.deadline() == never);
    CHECK(it.attempt_bound() == never);
    it.admitted(start + 1h);
    CHECK(it.attempt_bound() == never);
    CHECK(it.deadline() == never);
}

TEST_CASE("of a duration and a time point the earlier one is the deadline")
{
    call_policy how = timeout(10s);
    how.deadline = start + 7s;
    CHECK(retry_loop(how, start).deadline() == start + 7s);
    how.deadline = start + 12s;
    CHECK(retry_loop(how, start).deadline() == start + 10s);
}

TEST_CASE("an attempt ends by its own bound or by the deadline, and its bound counts from admission")
{
    call_policy how = timeout(10s);
    how.attempt = 4s;
    retry_loop it(how, start);
    CHECK(it.attempt_bound() == start + 10s);
    it.admitted(start + 1s);
    CHECK(it.attempt_bound() == start + 5s);
    it.admitted(start + 7s);
    CHECK(it.attempt_bound() == start + 10s);
}

TEST_CASE("while it pauses, the deadline stands still; it goes on with the admission")
{
    retry_loop it(timeout(10s), start);
    it.pause(start + 4s);
    it.pause(start + 1h);
    it.admitted(start + 2h);
    CHECK(it.deadline() == start + 2h + 6s);
    it.admitted(start + 2h + 5s);
    CHECK(it.deadline() == start + 2h + 6s);
}

TEST_CASE("a time point that was given goes on to count while it pauses")
{
    call_policy how = timeout(10s);
    how.deadline = start + 1min;
    retry_loop it(how, start);
    it.pause(start + 4s);
    it.admitted(start + 30s);
    CHECK(it.deadline() == start + 36s);
    it.pause(start + 31s);
    it.admitted(start + 59s);
    CHECK(it.deadline() == start + 1min);
}

TEST_CASE("a pause without a deadline, or at the end of time, overflows nothing")
{
    retry_loop free({}, start);
    free.pause(start);
    free.admitted(start + 24h * 365 * 100);
    CHECK(free.deadline() == never);
    retry_loop last(timeout(10s), never - 20s);
    last.pause(never - 19s);
    last.admitted(never - 2s);
    CHECK(last.deadline() == never);
    retry_loop over(timeout(1s), start);
    over.pause(start + 5s);
    over.admitted(start + 1h);
    CHECK(over.deadline() < start + 1h);
}

TEST_CASE("attempts are counted, and the last one ends the call")
{
    retry_budget budget;
    retry_loop it({}, start);
    for (unsigned attempt = 1; attempt <= 4; ++attempt) {
        CHECK(it.ended(refused_connection, budget, start, 0.5).verdict == verdict::retry);
        CHECK(it.attempts() == attempt);
    }
    const auto last = it.ended(refused_connection, budget, start, 0.5);
    CHECK(last.verdict == verdict::stop);
    CHECK(last.why == stop_reason::exhausted);
    CHECK(it.attempts() == 5);
    CHECK(it.resends() == 0);
    CHECK(budget.tokens() == retry_budget::capacity - 4 * retry_budget::retry_cost);
}

TEST_CASE("the pauses between attempts double, whatever was sent for free in between")
{
    retry_budget budget;
    retry_loop it({}, start);
    for (const auto pause : {50ms, 100ms, 200ms, 400ms}) {
        CHECK(it.ended(answered(429), budget, start, 0.5).verdict == verdict::wait_for_quota);
        CHECK(it.ended(refused_connection, budget, start, 0.5).delay == pause);
    }
}

TEST_CASE("a stale connection's resend is free once, and a free send is not an attempt")
{
    retry_budget budget;
    retry_loop it({}, start);
    CHECK(it.ended(stale, budget, start, 0.5).verdict == verdict::resend);
    CHECK(it.attempts() == 0);
    CHECK(it.resends() == 1);
    CHECK(it.ended(stale, budget, start, 0.5).verdict == verdict::retry);
    CHECK(it.attempts() == 1);
    CHECK(it.resends() == 1);
}

TEST_CASE("a wait for quota is a free send, however often")
{
    retry_budget budget;
    retry_loop it({}, start);
    for (unsigned times = 1; times <= 100; ++times) {
        CHECK(it.ended(answered(429, 30s), budget, start, 0.5).verdict == verdict::wait_for_quota);
        CHECK(it.resends() == times);
    }
    CHECK(it.attempts() == 0);
    CHECK(budget.tokens() == retry_budget::capacity);
    CHECK(it.ended(answered(200), budget, start, 0.5).verdict == verdict::deliver);
    CHECK(it.attempts() == 1);
}

TEST_CASE("another token is a free send where there is one, twice at most; without it the refused send stays uncounted")
{
    retry_budget budget;
    retry_loop it({}, start);
    for (unsigned times = 1; times <= 2; ++times) {
        CHECK(it.ended(answered(401), budget, start, 0.5).verdict == verdict::renew_token);
        CHECK(it.resends() == times - 1);
        it.token_renewed();
        CHECK(it.resends() == times);
        CHECK(it.attempts() == 0);
    }
    const auto last = it.ended(answered(401), budget, start, 0.5);
    CHECK(last.verdict == verdict::stop);
    CHECK(last.why == stop_reason::permanent);
    CHECK(it.attempts() == 1);
}

TEST_CASE("a failure that a used connection may have caused asks for a new connection once in a call")
{
    retry_budget budget;
    retry_loop it({}, start);
    const auto misdirected = it.ended(answered(421), budget, start, 0.5);
    CHECK(misdirected.verdict == verdict::retry);
    CHECK(misdirected.fresh);
    const auto again = it.ended(answered(421), budget, start, 0.5);
    CHECK(again.verdict == verdict::stop);
    CHECK(again.why == stop_reason::permanent);
}

TEST_CASE("a success after a paid retry gives its price back, and one without earns a single token")
{
    retry_budget budget;
    drain(budget);
    budget.deposit(true);
    const int before = budget.tokens();
    retry_loop it({}, start);
    CHECK(it.ended(refused_connection, budget, start, 0.5).verdict == verdict::retry);
    CHECK(it.ended(answered(200), budget, start, 0.5).verdict == verdict::deliver);
    CHECK(budget.tokens() == before);
    CHECK(it.attempts() == 2);
    retry_loop smooth({}, start);
    smooth.ended(answered(200), budget, start, 0.5);
    CHECK(budget.tokens() == before + 1);
}

TEST_CASE("no pause is begun that the deadline would not outlast")
{
    retry_budget budget;
    retry_loop it(timeout(1s), start);
    CHECK(it.ended(answered(503, 1s), budget, start, 0.0).why == stop_reason::deadline);
    CHECK(it.attempts() == 1);
    it.pause(start);
    it.admitted(start + 1h);
    CHECK(it.ended(refused_connection, budget, start + 1h, 0.0).verdict == verdict::retry);
    CHECK(it.ended(refused_connection, budget, start + 1h + 1s, 0.0).why == stop_reason::deadline);
}

TEST_CASE("the layer that ends a call has a name; where the cause alone does there is none")
{
    call_policy once, often;
    once.retry.attempts = 1;
    const error_code late = doks::errc::timed_out, reset = doks::http_error(503);
    CHECK(layer_that_stops(stop_reason::deadline, late, often) == "timeout");
    CHECK(layer_that_stops(stop_reason::exhausted, late, once) == "attempt_timeout");
    CHECK(layer_that_stops(stop_reason::exhausted, late, often) == "retry");
    CHECK(layer_that_stops(stop_reason::exhausted, reset, once) == "retry");
    for (const auto why : {stop_reason::budget, stop_reason::not_replayable})
        CHECK(layer_that_stops(why, reset, often) == "retry");
    for (const auto why : {stop_reason::permanent, stop_reason::cancelled})
        CHECK(layer_that_stops(why, reset, often).empty());
}
