#include "core/retry/retry_fixture.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

// Decisions after one attempt, case by case: retried, resent for free, parked, or ended.

using namespace std::chrono_literals;
using namespace core_test;
using namespace doks::core;
using doks::errc;
using doks::stop_reason;

namespace {

/// An outcome, and the decision that follows it.
struct row
{
    const char* what;
    outcome ended;
};

const row stale[] = {
    {"the end of a used connection before the response",
        reused(broken(errc::closed_before_response, phase::first_byte))},
    {"its end while writing", reused(broken(errc::closed_before_response, phase::write))},
    {"a reset before the response", reused(broken(system_error(ECONNRESET), phase::first_byte))},
    {"a reset while writing", reused(broken(system_error(ECONNRESET), phase::write))},
    {"a broken pipe", reused(broken(system_error(EPIPE), phase::write))},
    {"a connection aborted", reused(broken(system_error(ECONNABORTED), phase::first_byte))},
};

const row transient[] = {
    {"a new connection that ends before the response", broken(errc::closed_before_response, phase::first_byte)},
    {"a new connection reset", broken(system_error(ECONNRESET), phase::first_byte)},
    {"a new connection with a broken pipe", broken(system_error(EPIPE), phase::write)},
    {"refused", broken(system_error(ECONNREFUSED), phase::connect)},
    {"no network", broken(system_error(ENETUNREACH), phase::connect)},
    {"no host", broken(system_error(EHOSTUNREACH), phase::connect)},
    {"no address left", broken(system_error(EADDRNOTAVAIL), phase::connect)},
    {"the kernel gave up", broken(system_error(ETIMEDOUT), phase::connect)},
    {"no descriptor left", broken(system_error(EMFILE), phase::connect)},
    {"the name service did not answer", broken(errc::lookup_unavailable, phase::resolve)},
    {"connecting took too long", broken(errc::timed_out, phase::connect)},
    {"the first byte took too long", broken(errc::timed_out, phase::first_byte)},
    {"the first byte took too long on a used connection", reused(broken(errc::timed_out, phase::first_byte))},
    {"the wait for a connection took too long", broken(errc::timed_out, phase::pool)},
    {"a response cut short", broken(errc::truncated, phase::body)},
    {"a response cut short on a used connection", reused(broken(errc::truncated, phase::body))},
    {"a reset within the response", broken(system_error(ECONNRESET), phase::body)},
    {"a reset within the response on a used connection", reused(broken(system_error(ECONNRESET), phase::body))},
    {"a response that stopped", broken(errc::timed_out, phase::body)},
    {"the TLS handshake was reset", broken(system_error(ECONNRESET), phase::tls)},
};

const row permanent[] = {
    {"an unknown host", broken(errc::host_not_found, phase::resolve)},
    {"a bad certificate", broken(errc::certificate_rejected, phase::tls)},
    {"no common protocol version", broken(errc::handshake_failed, phase::tls)},
    {"no trust store", broken(errc::unusable_trust_store, phase::tls)},
    {"bad framing on a new connection", broken(errc::malformed_response, phase::body)},
    {"another cluster's config on a new connection", broken(errc::wrong_cluster, phase::response)},
    {"a header too large", reused(broken(errc::header_too_large, phase::body))},
    {"a body too large", reused(broken(errc::body_too_large, phase::body))},
    {"a compressed answer", reused(broken(errc::content_encoded, phase::body))},
    {"a redirect", reused(broken(errc::redirected, phase::response))},
    {"a body that is no kubeconfig", reused(broken(errc::not_a_kubeconfig, phase::response))},
    {"unexpected JSON", reused(broken(errc::unexpected_response, phase::response))},
    {"an incomplete listing", broken(errc::incomplete_listing, phase::response)},
    {"a cluster that is not ready", broken(errc::not_ready, phase::response)},
    {"no token", broken(errc::no_token, phase::token)},
    {"a bad argument", broken(errc::invalid_argument, phase::token)},
    {"a bug of the system's", broken(system_error(EBADF), phase::write)},
    {"no permission to connect", broken(system_error(EACCES), phase::connect)},
};

}

TEST_CASE("a stale connection costs nothing but one resend on a new one")
{
    for (const auto& each : stale) {
        CAPTURE(std::string(each.what));
        retry_fixture call;
        call.used.attempts = call.rules.attempts;
        drain(call.budget);
        const int left = call.budget.tokens();
        const auto next = call.after(each.ended);
        CHECK(next.verdict == verdict::resend);
        CHECK(next.fresh);
        CHECK(next.delay == 0s);
        CHECK(call.budget.tokens() == left);
    }
}

TEST_CASE("the free resend is made once; after it the normal policy pays")
{
    for (const auto& each : stale) {
        CAPTURE(std::string(each.what));
        retry_fixture call;
        call.used.resent = true;
        CHECK(call.after(each.ended).verdict == verdict::retry);
        CHECK(call.spent() == retry_budget::retry_cost);
    }
}

TEST_CASE("a connection is not stale when it is new, when a byte came, or when it was only slow")
{
    for (const auto& each : transient) {
        CAPTURE(std::string(each.what));
        CHECK_FALSE(is_stale(each.ended));
    }
    for (const auto& each : stale) {
        CAPTURE(std::string(each.what));
        outcome ended = each.ended;
        ended.answered = true;
        CHECK_FALSE(is_stale(ended));
        ended = each.ended;
        ended.reused = false;
        CHECK_FALSE(is_stale(ended));
        for (const auto at :
            {phase::token, phase::quota, phase::pool, phase::connect, phase::tls, phase::body, phase::response}) {
            ended = each.ended;
            ended.at = at;
            CHECK_FALSE(is_stale(ended));
        }
    }
    CHECK_FALSE(is_stale(reused(answered(408))));
}

TEST_CASE("a failure that is likely to pass is retried after a pause and paid for")
{
    for (const auto& each : transient) {
        CAPTURE(std::string(each.what));
        retry_fixture call;
        const auto next = call.after(each.ended);
        CHECK(next.verdict == verdict::retry);
        CHECK_FALSE(next.fresh);
        CHECK(next.delay == 50ms);
        CHECK(call.spent() == retry_budget::retry_cost);
    }
}

TEST_CASE("what would not pass is not retried, whatever the server hints")
{
    for (const auto& each : permanent) {
        CAPTURE(std::string(each.what));
        retry_fixture call;
        outcome ended = each.ended;
        ended.hints.retry_after = 1s;
        const auto next = call.after(ended);
        CHECK(next.verdict == verdict::stop);
        CHECK(next.why == stop_reason::permanent);
        CHECK(call.spent() == 0);
    }
}

TEST_CASE("what a used connection may have caused is tried once on a new one")
{
    for (const auto& ended : {reused(broken(errc::malformed_response, phase::body)),
             reused(broken(errc::wrong_cluster, phase::response)), answered(421), reused(answered(421))}) {
        CAPTURE(ended.cause.message());
        retry_fixture call;
        const auto next = call.after(ended);
        CHECK(next.verdict == verdict::retry);
        CHECK(next.fresh);
        CHECK(call.spent() == retry_budget::retry_cost);
        call.used.reconnected = true;
        CHECK(call.after(ended).verdict == verdict::stop);
        CHECK(call.after(ended).why == stop_reason::permanent);
        CHECK(call.spent() == retry_budget::retry_cost);
    }
}

TEST_CASE("a 401 asks for another token twice at most, and uses up nothing")
{
    retry_fixture call;
    call.used.attempts = call.rules.attempts;
    drain(call.budget);
    for (unsigned renewals : {0U, 1U}) {
        call.used.renewals = renewals;
        CHECK(call.after(answered(401)).verdict == verdict::renew_token);
    }
    call.used.renewals = 2;
    CHECK(call.after(answered(401)).verdict == verdict::stop);
    CHECK(call.after(answered(401)).why == stop_reason::permanent);
}

TEST_CASE("a 429 waits at the gate however often it comes, and uses up nothing")
{
    retry_fixture call;
    call.used.attempts = 1'000;
    drain(call.budget);
    const int left = call.budget.tokens();
    for (const auto& ended : {answered(429), answered(429, 0s), answered(429, 3600s), reused(answered(429))})
        CHECK(call.after(ended).verdict == verdict::wait_for_quota);
    CHECK(call.budget.tokens() == left);
}
