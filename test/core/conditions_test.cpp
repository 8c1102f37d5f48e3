#include "core/outcome.hpp"

#include <doks/failure.hpp>

#include <doctest/doctest.h>

#include <cerrno>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

// The library's causes, HTTP statuses and system errors against the table of conditions that callers and policies
// test.

using boost::system::error_code;
using doks::condition;
using doks::errc;

namespace {

using conditions = std::set<condition>;

constexpr condition all[] = {condition::transient, condition::throttled, condition::denied, condition::not_found,
    condition::timeout, condition::unreachable, condition::tls, condition::cancelled, condition::invalid};

/// Every condition that the code meets.
conditions of(const error_code& code)
{
    conditions found;
    for (const auto each : all)
        if (code == each) found.insert(each);
    return found;
}

/// A cause and the conditions that it meets.
struct row
{
    errc cause;
    conditions expected;
};

const row causes[] = {
    {errc::invalid_argument, {condition::invalid}},
    {errc::no_token, {condition::invalid}},
    {errc::draining, {condition::cancelled}},
    {errc::stopped, {condition::cancelled}},
    {errc::token_refused, {condition::denied}},
    {errc::timed_out, {condition::transient, condition::timeout}},
    {errc::quota_exhausted, {condition::throttled}},
    {errc::host_not_found, {condition::unreachable}},
    {errc::lookup_unavailable, {condition::transient, condition::unreachable}},
    {errc::closed_before_response, {condition::transient}},
    {errc::truncated, {condition::transient}},
    {errc::malformed_response, {}},
    {errc::header_too_large, {}},
    {errc::body_too_large, {}},
    {errc::content_encoded, {}},
    {errc::redirected, {}},
    {errc::not_a_kubeconfig, {}},
    {errc::wrong_cluster, {}},
    {errc::unexpected_response, {}},
    {errc::incomplete_listing, {}},
    {errc::not_ready, {}},
    {errc::certificate_rejected, {condition::tls}},
    {errc::handshake_failed, {condition::tls}},
    {errc::unusable_trust_store, {condition::tls}},
    {errc::unusable_directory, {}},
    {errc::unclassified, {}},
    {errc::proxy_refused, {condition::unreachable}},
    {errc::proxy_unavailable, {condition::transient, condition::unreachable}},
    {errc::no_such_cluster, {condition::not_found}},
    {errc::ambiguous_name, {condition::invalid}},
    {errc::cluster_in_error, {}},
    {errc::cluster_deleted, {condition::not_found}},
    {errc::unusable_kubeconfig_file, {}},
    {errc::kubeconfig_locked, {condition::timeout}},
    {errc::name_taken, {condition::invalid}},
};

/// The table for HTTP's statuses, written a second time.
conditions expected_of_status(int status)
{
    switch (status) {
    case 400:
    case 422:
        return {condition::invalid};
    case 401:
    case 403:
        return {condition::denied};
    case 404:
    case 410:
        return {condition::not_found};
    case 429:
        return {condition::throttled};
    case 408:
    case 504:
    case 522:
    case 524:
        return {condition::transient, condition::timeout};
    case 425:
    case 500:
    case 502:
    case 503:
    case 520:
    case 521:
    case 523:
    case 525:
    case 526:
    case 530:
        return {condition::transient};
    default:
        return {};
    }
}

/// The table for system errors, written a second time.
conditions expected_of_system(int number)
{
    switch (number) {
    case ECONNREFUSED:
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
        return {condition::transient, condition::unreachable};
    case ETIMEDOUT:
        return {condition::transient, condition::timeout, condition::unreachable};
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
    case ENOTCONN:
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return {condition::transient};
    case ECANCELED:
        return {condition::cancelled};
    default:
        return {};
    }
}

}

TEST_CASE("each cause of our own has its conditions, and a text of its own")
{
    std::set<std::string> texts;
    int value = 0;
    for (const auto& each : causes) {
        const error_code code = each.cause;
        CAPTURE(code.message());
        CHECK(code.value() == ++value);
        CHECK(of(code) == each.expected);
        CHECK(code.message() != "unknown error");
        CHECK(texts.insert(code.message()).second);
    }
    CHECK(error_code(value + 1, doks::doks_category()).message() == "unknown error");
    CHECK(of(error_code(value + 1, doks::doks_category())).empty());
    CHECK(std::string(doks::doks_category().name()) == "doks");
}

TEST_CASE("each HTTP status has its conditions")
{
    for (unsigned status = 100; status <= 599; ++status) {
        CAPTURE(status);
        REQUIRE(of(doks::http_error(status)) == expected_of_status(static_cast<int>(status)));
    }
    CHECK(doks::http_error(404).message() == "HTTP status 404");
}

TEST_CASE("each system error has its conditions, whichever category it comes in")
{
    for (int number = 1; number < 140; ++number) {
        CAPTURE(number);
        REQUIRE(of(error_code(number, boost::system::system_category())) == expected_of_system(number));
        REQUIRE(of(error_code(number, boost::system::generic_category())) == expected_of_system(number));
    }
}

TEST_CASE("success, and errors of strangers, meet no condition")
{
    struct stranger final : boost::system::error_category
    {
        const char* name() const noexcept override { return "stranger"; }
        std::string message(int) const override { return "?"; }
    };
    static const stranger category;
    CHECK(of(error_code()).empty());
    for (int value = 0; value < 600; ++value) REQUIRE(of(error_code(value, category)).empty());
}

namespace {

/// The documented order, the most specific one first.
constexpr condition order[] = {condition::cancelled, condition::invalid, condition::denied, condition::not_found,
    condition::throttled, condition::tls, condition::timeout, condition::unreachable, condition::transient};

condition first_of(const conditions& met)
{
    for (const auto each : order)
        if (met.contains(each)) return each;
    return condition::none;
}

/// The condition of a failure with this code is the first expected one by the order, and equal to it.
bool has_condition(const error_code& code, const conditions& expected)
{
    doks::failure_record record;
    record.code = code;
    const doks::failure why(std::move(record));
    const bool none = expected.empty();
    return why.condition() == first_of(expected) && doks::condition_of(code) == why.condition() &&
           why == why.condition() && (why == condition::none) == none && (code == condition::none) == none;
}

}

TEST_CASE("every failure has one condition, the most specific of those that it meets")
{
    CHECK(std::size(order) == std::size(all));
    for (const auto& each : causes) {
        CAPTURE(error_code(each.cause).message());
        CHECK(has_condition(each.cause, each.expected));
    }
    for (int status = 100; status <= 599; ++status) {
        CAPTURE(status);
        REQUIRE(has_condition(doks::http_error(static_cast<unsigned>(status)), expected_of_status(status)));
    }
    for (int number = 1; number < 140; ++number) {
        CAPTURE(number);
        REQUIRE(has_condition(error_code(number, boost::system::system_category()), expected_of_system(number)));
        REQUIRE(has_condition(error_code(number, boost::system::generic_category()), expected_of_system(number)));
    }
}

TEST_CASE("a metrics label is one expression, and a default failure has one too")
{
    doks::failure_record record;
    record.code = errc::timed_out;
    CHECK(to_string(doks::failure(record).condition()) == "timeout");
    record.code = doks::http_error(408);
    CHECK(to_string(doks::failure(record).condition()) == "timeout");
    record.code = doks::http_error(503);
    CHECK(to_string(doks::failure(record).condition()) == "transient");
    record.code = error_code(ETIMEDOUT, boost::system::system_category());
    CHECK(to_string(doks::failure(record).condition()) == "timeout");
    CHECK(doks::failure().condition() == condition::none);
    CHECK(doks::failure() == condition::none);
    CHECK(to_string(doks::failure().condition()) == "none");
}

TEST_CASE("conditions, reasons and phases have names, each its own")
{
    std::set<std::string> names;
    CHECK(names.emplace(doks::to_string(condition::none)).second);
    for (const auto each : all) {
        CHECK(names.emplace(doks::to_string(each)).second);
        CHECK(doks::make_error_condition(each).message() == doks::to_string(each));
    }
    CHECK(doks::to_string(condition::not_found) == "not_found");
    CHECK_FALSE(names.contains("unknown condition"));
    CHECK_FALSE(names.contains(""));
    CHECK(boost::system::error_condition(99, doks::condition_category()).message() == "unknown condition");
    CHECK(boost::system::error_condition(-1, doks::condition_category()).message() == "unknown condition");
    names.clear();
    for (int why = 0; why <= static_cast<int>(doks::stop_reason::cancelled); ++why)
        CHECK(names.emplace(doks::to_string(static_cast<doks::stop_reason>(why))).second);
    for (int at = 0; at <= static_cast<int>(doks::core::phase::backoff); ++at)
        CHECK(names.emplace(doks::core::to_string(static_cast<doks::core::phase>(at))).second);
    CHECK_FALSE(names.contains(""));
}
