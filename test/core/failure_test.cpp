#include <doks/failure.hpp>

#include <doctest/doctest.h>

#include <string>
#include <type_traits>

// The record of a failure and its text: every field against the value that was put in, every text word by word.

using namespace std::chrono_literals;
using doks::condition;
using doks::errc;
using doks::failure;
using doks::failure_record;
using doks::stop_reason;

namespace {

/// A record in which every field is set.
failure_record full_record()
{
    failure_record record;
    record.code = doks::http_error(503);
    record.operation = "GET /v2/kubernetes/clusters/42/kubeconfig";
    record.phase = "response";
    record.why = stop_reason::exhausted;
    record.info.request_id = "9d3f-77";
    record.info.attempts = 5;
    record.info.resends = 1;
    record.info.elapsed = 12340ms;
    record.http_status = 503;
    record.api_id = "service_unavailable";
    record.api_message = "Server was unable to give you a response.";
    record.detail = "api.digitalocean.com";
    record.remedy = "try again later";
    record.retry_after = 30200ms;
    return record;
}

bool has(const failure& why, const std::string& part) { return why.message().find(part) != std::string::npos; }

/// The sentence by which a failure's text tells this reason.
std::string reason_said(stop_reason why, unsigned status)
{
    failure_record record;
    record.code = errc::truncated;
    record.why = why;
    record.http_status = status;
    record.info.attempts = 1;
    record.info.elapsed = 1999ms;
    const std::string text = failure(record).message();
    const std::string cause = "connection closed mid-response";
    REQUIRE(text.substr(0, cause.size()) == cause);
    return text.substr(cause.size());
}

}

TEST_CASE("a failure says what was asked, what went wrong, why it ended, and what can be done")
{
    const failure why(full_record());
    for (const char* part : {"GET /v2/kubernetes/clusters/42/kubeconfig", "HTTP status 503", "api.digitalocean.com",
             "Server was unable to give you a response.", "6 attempts", "12.3 s", "retry after 30.2 s",
             "request id 9d3f-77", "try again later"}) {
        CAPTURE(std::string(part));
        CHECK(has(why, part));
    }
    CHECK(why.message() == why.what());
}

TEST_CASE("a failure without a response names the phase")
{
    auto record = full_record();
    record.code = errc::timed_out;
    record.http_status = 0;
    record.phase = "connect";
    CHECK(has(failure(record), "in phase connect"));
    record.http_status = 503;
    CHECK_FALSE(has(failure(record), "in phase"));
}

TEST_CASE("a failure that knows little says little")
{
    failure_record record;
    record.code = errc::not_ready;
    CHECK(failure(record).message() == "the cluster has no kubeconfig yet");
    record.operation = "GET /x";
    CHECK(failure(record).message() == "GET /x: the cluster has no kubeconfig yet");
    CHECK(failure().message() == "no failure");
    CHECK_FALSE(failure().code());
}

TEST_CASE("why a call was not tried again is said in words")
{
    CHECK(reason_said(stop_reason::permanent, 0).empty());
    CHECK(reason_said(stop_reason::permanent, 404) == "; a retry would not help");
    CHECK(reason_said(stop_reason::exhausted, 0) == "; gave up after 1 attempt in 1.9 s");
    CHECK(reason_said(stop_reason::budget, 0) == "; no retry: too many calls of this client fail (1 attempt in 1.9 s)");
    CHECK(reason_said(stop_reason::deadline, 0) == "; the deadline leaves no time for more (1 attempt in 1.9 s)");
    CHECK(reason_said(stop_reason::not_replayable, 0) == "; not safe to send again");
    CHECK(reason_said(stop_reason::cancelled, 0).empty());
}

TEST_CASE("every part of a failure can be read by a program")
{
    auto record = full_record();
    record.retry_at = std::chrono::system_clock::time_point(1000s);
    const failure why(record);
    CHECK(why.code() == doks::http_error(503));
    CHECK(why.phase() == "response");
    CHECK(why.why_stopped() == stop_reason::exhausted);
    CHECK(why.attempts() == 5);
    CHECK(why.info().resends == 1);
    CHECK(why.elapsed() == 12340ms);
    CHECK(why.request_id() == "9d3f-77");
    CHECK(why.http_status() == 503);
    CHECK(why.api_id() == "service_unavailable");
    CHECK(why.api_message() == record.api_message);
    CHECK(why.detail() == "api.digitalocean.com");
    CHECK(why.retry_at() == std::chrono::system_clock::time_point(1000s));
    CHECK(why.retry_after() == 31s);
    CHECK(failure().retry_after() == 0s);
}

TEST_CASE("a failure compares with conditions and causes")
{
    const failure unavailable(full_record());
    CHECK(unavailable == condition::transient);
    CHECK(unavailable != condition::denied);
    CHECK(unavailable != errc::timed_out);
    failure_record record;
    record.code = errc::timed_out;
    CHECK(failure(record) == errc::timed_out);
    CHECK(failure(record) == condition::timeout);
}

TEST_CASE("copies of a failure share one record and its text")
{
    const failure why(full_record());
    const failure copy = why;
    failure assigned;
    assigned = copy;
    CHECK(&why.record() == &copy.record());
    CHECK(&why.record() == &assigned.record());
    CHECK(static_cast<const void*>(why.what()) == copy.what());
    CHECK(&failure().record() == &failure().record());
    CHECK(std::is_nothrow_copy_constructible_v<failure>);
    CHECK(std::is_nothrow_copy_assignable_v<failure>);
}

TEST_CASE("a result throws the very failure that it holds")
{
    const failure why(full_record());
    const doks::result<int> none = why;
    CHECK(none.has_error());
    try {
        (void)none.value();
        FAIL("a result without a value gave one");
    } catch (const boost::system::system_error& thrown) {
        CHECK(static_cast<const void*>(thrown.what()) == why.what());
        CHECK(thrown.code() == why.code());
    }
    CHECK(doks::result<int>(7).value() == 7);
}
