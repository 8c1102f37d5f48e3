#include "retry_fixture.hpp"

#include <doctest/doctest.h>

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
            trial it;
            const auto next = it.after(answered(status, wait));
            CHECK(next.verdict == verdict::stop);
            CHECK(next.why == stop_reason::deadline);
            CHECK(it.spent() == 0);
        }
        trial patient;
        patient.rules.longest_hint = 24h;
        CHECK(patient.after(answered(status, 3601s)).verdict != verdict::stop);
    }
}

TEST_CASE("what waits as long as it takes is parked by a 429 that asks for more than the longest wait")
{
    trial it;
    it.rules.is_bulk = true;
    for (const auto wait : {3601s, 86'400s, 5'000'000'000s})
        CHECK(it.after(answered(429, wait)).verdict == verdict::wait_for_quota);
    CHECK(it.after(answered(503, 3601s)).verdict == verdict::stop);
    CHECK(it.spent() == 0);
}

TEST_CASE("a bulk tries a response that makes no sense three times in all, each time on a new connection")
{
    for (const auto cause : {errc::malformed_response, errc::not_a_kubeconfig, errc::wrong_cluster}) {
        trial it;
        it.rules.is_bulk = true;
        for (const unsigned garbled : {1U, 2U}) {
            it.used.garbled = it.used.attempts = garbled;
            const auto next = it.after(broken(cause, phase::response));
            CHECK(next.verdict == verdict::retry);
            CHECK(next.fresh);
        }
        it.used.garbled = it.used.attempts = 3;
        const auto last = it.after(broken(cause, phase::response));
        CHECK(last.verdict == verdict::stop);
        CHECK(last.why == stop_reason::exhausted);
        it.rules.is_bulk = false;
        it.used.garbled = it.used.attempts = 1;
        CHECK(it.after(broken(cause, phase::response)).why == stop_reason::permanent);
    }
}

TEST_CASE("cancellation goes before everything")
{
    trial it;
    it.deadline = start - 1s;
    for (const auto& cause :
        {system_error(ECANCELED), boost::system::error_code(ECANCELED, boost::system::generic_category()),
            make_error_code(errc::draining), make_error_code(errc::stopped)}) {
        const auto next = it.after(reused(broken(cause, phase::first_byte)));
        CHECK(next.verdict == verdict::stop);
        CHECK(next.why == stop_reason::cancelled);
    }
    CHECK(it.spent() == 0);
}

TEST_CASE("a passed deadline ends the call, but does not take a result away")
{
    trial it;
    it.deadline = start;
    for (const auto& ended : {unlucky_reuse, refused_connection, answered(429), answered(401), answered(503)}) {
        const auto next = it.after(ended);
        CHECK(next.verdict == verdict::stop);
        CHECK(next.why == stop_reason::deadline);
    }
    CHECK(it.spent() == 0);
    CHECK(it.after(answered(200)).verdict == verdict::deliver);
}

TEST_CASE("a pause that would outlast the deadline is not begun, and not paid for")
{
    trial it;
    it.deadline = start + 7s;
    const auto late = it.after(answered(503, 7s));
    CHECK(late.verdict == verdict::stop);
    CHECK(late.why == stop_reason::deadline);
    CHECK(it.spent() == 0);
    it.deadline = start + 8s;
    CHECK(it.after(answered(503, 7s)).verdict == verdict::retry);
    CHECK(it.spent() == retry_budget::retry_cost);
}

TEST_CASE("the last attempt is the last, and is not paid for again")
{
    trial it;
    for (unsigned attempts = 1; attempts <= 7; ++attempts) {
        it.used.attempts = attempts;
        const auto next = it.after(refused_connection);
        CHECK((next.verdict == verdict::retry) == (attempts < 5));
        if (attempts >= 5) CHECK(next.why == stop_reason::exhausted);
    }
    CHECK(it.spent() == 4 * retry_budget::retry_cost);
}

TEST_CASE("an empty budget ends a single call and slows a bulk down")
{
    trial it;
    drain(it.budget);
    CHECK(it.after(refused_connection).verdict == verdict::stop);
    CHECK(it.after(refused_connection).why == stop_reason::budget);
    it.rules.is_bulk = true;
    for (const double unit : {0.0, 0.5, 0.999}) {
        it.unit = unit;
        const auto next = it.after(refused_connection);
        CHECK(next.verdict == verdict::retry);
        CHECK(next.delay >= 10s);
        CHECK(next.delay < 20s);
    }
    CHECK(it.after(answered(503, 100s)).delay >= 100s);
    CHECK(it.budget.tokens() < retry_budget::retry_cost);
}
