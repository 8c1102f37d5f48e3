#include "core/retry/retry_fixture.hpp"

#include <doctest/doctest.h>

// What ends retries: waits that are too long, deadlines, attempts, the budget. Decisions are values; no clock runs.

using namespace std::chrono_literals;
using namespace core_test;
using namespace doks::core;
using doks::errc;
using doks::stop_reason;

namespace {

const outcome unlucky_reuse = reused(broken(system_error(ECONNRESET), phase::first_byte));
const outcome refused_connection = broken(system_error(ECONNREFUSED), phase::connect);

}

TEST_CASE("a server's wait beyond the longest ends the call at once")
{
    for (unsigned status : {429U, 503U, 500U, 408U}) {
        CAPTURE(status);
        for (const auto wait : {3601s, 1'000'000'000s, 5'000'000'000s}) {
            retry_fixture call;
            const auto next = call.after(answered(status, wait));
            CHECK(next.verdict == verdict::stop);
            CHECK(next.why == stop_reason::deadline);
            CHECK(call.spent() == 0);
        }
        retry_fixture patient;
        patient.rules.longest_hint = 24h;
        CHECK(patient.after(answered(status, 3601s)).verdict != verdict::stop);
    }
}

TEST_CASE("what waits as long as it takes is parked by a 429 that asks for more than the longest wait")
{
    retry_fixture call;
    call.rules.is_bulk = true;
    for (const auto wait : {3601s, 86'400s, 5'000'000'000s})
        CHECK(call.after(answered(429, wait)).verdict == verdict::wait_for_quota);
    CHECK(call.after(answered(503, 3601s)).verdict == verdict::stop);
    CHECK(call.spent() == 0);
}

TEST_CASE("a bulk tries a response that makes no sense three times in all, each time on a new connection")
{
    for (const auto cause : {errc::malformed_response, errc::not_a_kubeconfig, errc::wrong_cluster}) {
        retry_fixture call;
        call.rules.is_bulk = true;
        for (const unsigned garbled : {1U, 2U}) {
            call.used.garbled = call.used.attempts = garbled;
            const auto next = call.after(broken(cause, phase::response));
            CHECK(next.verdict == verdict::retry);
            CHECK(next.fresh);
        }
        call.used.garbled = call.used.attempts = 3;
        const auto last = call.after(broken(cause, phase::response));
        CHECK(last.verdict == verdict::stop);
        CHECK(last.why == stop_reason::exhausted);
        call.rules.is_bulk = false;
        call.used.garbled = call.used.attempts = 1;
        CHECK(call.after(broken(cause, phase::response)).why == stop_reason::permanent);
    }
}

TEST_CASE("cancellation goes before everything")
{
    retry_fixture call;
    call.deadline = start - 1s;
    for (const auto& cause :
        {system_error(ECANCELED), boost::system::error_code(ECANCELED, boost::system::generic_category()),
            make_error_code(errc::draining), make_error_code(errc::stopped)}) {
        const auto next = call.after(reused(broken(cause, phase::first_byte)));
        CHECK(next.verdict == verdict::stop);
        CHECK(next.why == stop_reason::cancelled);
    }
    CHECK(call.spent() == 0);
}

TEST_CASE("a passed deadline ends the call, but does not take a result away")
{
    retry_fixture call;
    call.deadline = start;
    for (const auto& ended : {unlucky_reuse, refused_connection, answered(429), answered(401), answered(503)}) {
        const auto next = call.after(ended);
        CHECK(next.verdict == verdict::stop);
        CHECK(next.why == stop_reason::deadline);
    }
    CHECK(call.spent() == 0);
    CHECK(call.after(answered(200)).verdict == verdict::deliver);
}

TEST_CASE("a pause that would outlast the deadline is not begun, and not paid for")
{
    retry_fixture call;
    call.deadline = start + 7s;
    const auto late = call.after(answered(503, 7s));
    CHECK(late.verdict == verdict::stop);
    CHECK(late.why == stop_reason::deadline);
    CHECK(call.spent() == 0);
    call.deadline = start + 8s;
    CHECK(call.after(answered(503, 7s)).verdict == verdict::retry);
    CHECK(call.spent() == retry_budget::retry_cost);
}

TEST_CASE("the last attempt is the last, and is not paid for again")
{
    retry_fixture call;
    for (unsigned attempts = 1; attempts <= 7; ++attempts) {
        call.used.attempts = attempts;
        const auto next = call.after(refused_connection);
        CHECK((next.verdict == verdict::retry) == (attempts < 5));
        if (attempts >= 5) CHECK(next.why == stop_reason::exhausted);
    }
    CHECK(call.spent() == 4 * retry_budget::retry_cost);
}

TEST_CASE("an empty budget ends a single call and slows a bulk down")
{
    retry_fixture call;
    drain(call.budget);
    CHECK(call.after(refused_connection).verdict == verdict::stop);
    CHECK(call.after(refused_connection).why == stop_reason::budget);
    call.rules.is_bulk = true;
    for (const double unit : {0.0, 0.5, 0.999}) {
        call.unit = unit;
        const auto next = call.after(refused_connection);
        CHECK(next.verdict == verdict::retry);
        CHECK(next.delay >= 10s);
        CHECK(next.delay < 20s);
    }
    CHECK(call.after(answered(503, 100s)).delay >= 100s);
    CHECK(call.budget.tokens() < retry_budget::retry_cost);
}
