#pragma once

#include <doks/rate_limit.hpp>

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace doks {

/// Causes of doks' own. What the network, TLS or the API said keeps its own category.
enum class errc
{
    invalid_argument = 1,   ///< the call itself: an id, an expiry, a token that cannot be sent
    no_token,               ///< no API token was configured, or its source failed
    draining,               ///< the client is being drained and takes no new calls
    stopped,                ///< the bulk was stopped before this id's turn
    token_refused,          ///< the bulk stopped because its API token was refused
    timed_out,              ///< a bound of time was used up
    quota_exhausted,        ///< the rate limit leaves no slot before the deadline
    host_not_found,         ///< the API's host name does not exist
    lookup_unavailable,     ///< the name service gave no response for now
    closed_before_response, ///< the connection ended before the first byte of a response
    truncated,              ///< the connection ended within a response
    malformed_response,     ///< the response breaks HTTP's framing rules
    header_too_large,       ///< the response's header, chunk extensions and trailers are larger than 32 KiB together
    body_too_large,         ///< the response's body is larger than its limit
    content_encoded,        ///< the response is compressed although identity was asked for
    redirected,             ///< the API answered with a redirect, which is never followed
    not_a_kubeconfig,       ///< the response is no kubeconfig, or a part of it cannot be read
    wrong_cluster,          ///< the kubeconfig names another cluster than the one asked for
    unexpected_response,    ///< JSON that is not what the API documents
    incomplete_listing,     ///< the pages do not add up to the total the API states
    not_ready,              ///< the cluster exists, but has no kubeconfig yet
    certificate_rejected,   ///< the server's certificate did not verify
    handshake_failed,       ///< TLS could not be agreed on
    unusable_trust_store,   ///< no certificate authority to verify the server with
    unusable_directory,     ///< a kubeconfig directory, its index or one of its files cannot be used
    unclassified,           ///< a policy of the user's, or what it stands around, threw something without an error code
    proxy_refused,          ///< the proxy refused to connect
    proxy_unavailable,      ///< the proxy cannot connect for now
    no_such_cluster,        ///< none of the clusters that the token sees has this name
    ambiguous_name,         ///< several clusters have this name
    cluster_in_error,       ///< the cluster that is waited for is in the state `error`
    cluster_deleted,        ///< the cluster that is waited for is being deleted, or is deleted
    unusable_kubeconfig_file, ///< kubectl's file, or the directory it stands in, cannot be used
    kubeconfig_locked,        ///< another program holds the lock of kubectl's file, or left it behind
    name_taken                ///< a name in kubectl's file belongs to another server
};

/// What callers and policies test: stable classes over errc, HTTP status and system errors.
enum class condition
{
    none = 0,      ///< none of the others: no failure, or a cause that belongs to no class
    transient = 1, ///< likely to pass: connection trouble, 408, 5xx, a response cut short
    throttled,     ///< the API's rate limit, met locally or as a 429
    denied,        ///< 401 or 403
    not_found,     ///< 404 or 410; no such cluster
    timeout,       ///< a bound of time was used up, here or at a gateway (408, 504)
    unreachable,   ///< no connection: name, route, port, proxy
    tls,           ///< certificate, host name, protocol version
    cancelled,     ///< the caller cancelled, or the client was drained
    invalid        ///< the call or the configuration is at fault
};

/// Why no further attempt was made.
enum class stop_reason
{
    permanent,
    exhausted,
    budget,
    deadline,
    not_replayable,
    cancelled
};

std::string_view to_string(stop_reason why) noexcept;
/// The enumerator's name, for example `not_found`: fit for a metric's label.
std::string_view to_string(condition what) noexcept;

/** The most specific condition of an error.

    Shape: an error can meet several; the first of cancelled, invalid, denied, not_found, throttled, tls, timeout,
    unreachable, transient that it meets is returned, and `none` where it meets none.
*/
condition condition_of(const boost::system::error_code& code) noexcept;

const boost::system::error_category& doks_category() noexcept;
/// Errors whose value is an HTTP status.
const boost::system::error_category& http_category() noexcept;
const boost::system::error_category& condition_category() noexcept;

boost::system::error_code make_error_code(errc cause) noexcept;
boost::system::error_condition make_error_condition(condition what) noexcept;
boost::system::error_code http_error(unsigned status) noexcept;

}

template <> struct boost::system::is_error_code_enum<doks::errc> : std::true_type
{};
template <> struct boost::system::is_error_condition_enum<doks::condition> : std::true_type
{};

namespace doks {

/** What is known of a call, whether it succeeded or failed.

    Shape: `attempts` counts sends that used up an attempt, `resends` those that did not (a connection that the server
    had closed, a rotated token, a 429). `elapsed` runs from the call to its outcome. `request_id` is the API's, of the
    last response.
*/
struct call_info
{
    std::string request_id;
    unsigned attempts = 0;
    unsigned resends = 0;
    std::chrono::steady_clock::duration elapsed{};
    rate_limit_snapshot rate_limit;

    /// How often a request was sent.
    unsigned sends() const noexcept { return attempts + resends; }
};

/// Everything a failure knows; the parts are read through the members of `failure`.
struct failure_record
{
    boost::system::error_code code;
    std::string operation;  ///< for example `GET /v2/kubernetes/clusters/<id>/kubeconfig`
    std::string_view phase; ///< a literal: resolve, connect, tls, first byte, body, quota, ...
    stop_reason why = stop_reason::permanent;
    std::string_view layer; ///< a literal: which layer ended the call: deadline, retry, attempt_timeout, rate_limited
    boost::system::error_code last_cause; ///< how the last attempt before ended, where `code` is another one
    call_info info;
    unsigned http_status = 0; ///< 0 where no response came
    std::string api_id;       ///< the API's own error id, for example `not_found`
    std::string api_message;  ///< the API's own message, shortened and with control characters replaced
    std::string detail;       ///< what a person needs beyond the code: an address, a certificate's date, a file
    std::string remedy;       ///< what the user can do
    std::optional<std::chrono::system_clock::time_point> retry_at;
    std::optional<std::chrono::steady_clock::duration> retry_after;
};

/** Why a call has no result: what failed, where, why it was not tried again, and what can be done.

    Shape: a handle to one immutable record; copies are cheap. It never holds a secret.
    Errors: compare with a `condition` (`why == doks::condition::not_found`); `code()` has the exact cause.
    Threads: any.
*/
class failure : public boost::system::system_error
{
public:
    failure();
    explicit failure(failure_record record);

    const char* what() const noexcept override;
    std::string message() const { return what(); }

    /// The most specific condition, by the order of `condition_of`; as a label: `to_string(error.condition())`.
    doks::condition condition() const noexcept { return condition_of(code()); }
    /// The phase that failed or used up the time, as a literal: `connect`, `first byte`, `quota`, ...
    std::string_view phase() const noexcept { return record_->phase; }
    stop_reason why_stopped() const noexcept { return record_->why; }
    /// The layer that ended the call: `deadline` (the call's own or a `timeout`), `retry`, `attempt_timeout`, `rate_limited`; empty if none did.
    std::string_view stopped_by() const noexcept { return record_->layer; }
    /// How the last attempt ended, where the call ended for another reason; clear if no attempt had ended.
    boost::system::error_code last_cause() const noexcept { return record_->last_cause; }
    const call_info& info() const noexcept { return record_->info; }
    unsigned attempts() const noexcept { return record_->info.attempts; }
    std::chrono::steady_clock::duration elapsed() const noexcept { return record_->info.elapsed; }
    const std::string& request_id() const noexcept { return record_->info.request_id; }
    unsigned http_status() const noexcept { return record_->http_status; }
    const std::string& api_id() const noexcept { return record_->api_id; }
    const std::string& api_message() const noexcept { return record_->api_message; }
    const std::string& detail() const noexcept { return record_->detail; }

    /// When the call could succeed, where the API or the local rate limit says so.
    std::optional<std::chrono::system_clock::time_point> retry_at() const noexcept { return record_->retry_at; }
    /// The same as a wait from the failure on, rounded up; zero where nothing is known.
    std::chrono::seconds retry_after() const noexcept;

    const failure_record& record() const noexcept { return *record_; }

    friend bool operator==(const failure& why, doks::condition what) noexcept
    {
        return why.code() == make_error_condition(what);
    }
    friend bool operator==(const failure& why, errc cause) noexcept { return why.code() == make_error_code(cause); }

private:
    std::shared_ptr<const failure_record> record_;
    std::shared_ptr<const std::string> text_;
};

/// A value or the failure; `value()` throws the failure.
template <class T> using result = boost::system::result<T, failure>;

namespace impl {

/// The failure that an exception is: itself, or one with the code of a system_error, or `unclassified`.
failure failure_of(const std::exception_ptr& thrown);

}

[[noreturn]] void throw_exception_from_error(const failure& why, const boost::source_location& where);

}
