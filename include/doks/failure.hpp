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

/// Causes of doks' own. Errors of the network, TLS and HTTP statuses keep their own categories.
enum class errc
{
    invalid_argument = 1,     ///< an argument of the call: an id, an expiry, a token that cannot be sent
    no_token,                 ///< no API token was configured, or its source failed
    draining,                 ///< the client is being drained and takes no new calls
    stopped,                  ///< the bulk was stopped before this id's turn
    token_refused,            ///< the API refused the token, and the bulk stopped
    timed_out,                ///< a timeout or deadline passed
    quota_exhausted,          ///< the rate limit leaves no slot before the deadline
    host_not_found,           ///< the API's host name does not exist
    lookup_unavailable,       ///< the name service gave no response for now
    closed_before_response,   ///< the connection ended before the first byte of a response
    truncated,                ///< the connection ended within a response
    malformed_response,       ///< the response breaks HTTP's framing rules
    header_too_large,         ///< the response's header, chunk extensions and trailers are larger than 32 KiB together
    body_too_large,           ///< the response's body is larger than its limit
    content_encoded,          ///< the response is compressed although identity was asked for
    redirected,               ///< the API answered with a redirect, which is never followed
    not_a_kubeconfig,         ///< the response is no kubeconfig, or part of it cannot be read
    wrong_cluster,            ///< the kubeconfig names another cluster than the one asked for
    unexpected_response,      ///< JSON that is not what the API documents
    incomplete_listing,       ///< the pages do not add up to the total the API states
    not_ready,                ///< the cluster exists, but has no kubeconfig yet
    certificate_rejected,     ///< the server's certificate did not verify
    handshake_failed,         ///< TLS could not be agreed on
    unusable_trust_store,     ///< no certificate authority to verify the server with
    unusable_directory,       ///< a kubeconfig directory, its index or one of its files cannot be used
    unclassified,             ///< a policy of the user, or the call inside it, threw something without an error code
    proxy_refused,            ///< the proxy refused to connect
    proxy_unavailable,        ///< the proxy cannot connect for now
    no_such_cluster,          ///< none of the clusters that the token sees has this name
    ambiguous_name,           ///< several clusters have this name
    cluster_in_error,         ///< the awaited cluster is in the state `error`
    cluster_deleted,          ///< the awaited cluster is being deleted, or is deleted
    unusable_kubeconfig_file, ///< kubectl's file or its directory cannot be used
    kubeconfig_locked,        ///< another program holds the lock of kubectl's file, or left it behind
    name_taken                ///< a name in kubectl's file belongs to another server
};

/// Classes of errors that callers and policies test: stable, over errc, HTTP statuses and system errors.
enum class condition
{
    none = 0,      ///< no failure, or a cause of no class
    transient = 1, ///< likely to pass: connection trouble, 408, 5xx, a response cut short
    throttled,     ///< the API's rate limit, met locally or as a 429
    denied,        ///< 401 or 403
    not_found,     ///< 404 or 410; no such cluster
    timeout,       ///< a timeout or deadline passed, here or at a gateway (408, 504)
    unreachable,   ///< no connection: name, route, port, proxy
    tls,           ///< certificate, host name, protocol version
    cancelled,     ///< the caller cancelled, or the client was drained
    invalid        ///< a wrong argument or configuration
};

/// Why no further attempt was made.
enum class stop_reason
{
    permanent,      ///< another attempt would fail too
    exhausted,      ///< all attempts were used
    budget,         ///< the retry budget was empty
    deadline,       ///< the deadline had passed, or left no time for another attempt
    not_replayable, ///< another attempt could do harm
    cancelled       ///< the caller cancelled, or the client was drained
};

std::string_view to_string(stop_reason reason) noexcept;
/// The enumerator's name, for example `not_found`: fit for a metric's label.
std::string_view to_string(condition value) noexcept;

/** The most specific condition of an error.

    @return the first of cancelled, invalid, denied, not_found, throttled, tls, timeout, unreachable, transient that the
    error meets; `none` if it meets none of them
*/
condition condition_of(const boost::system::error_code& code) noexcept;

const boost::system::error_category& doks_category() noexcept;
/// Errors whose value is an HTTP status.
const boost::system::error_category& http_category() noexcept;
const boost::system::error_category& condition_category() noexcept;

boost::system::error_code make_error_code(errc cause) noexcept;
boost::system::error_condition make_error_condition(condition value) noexcept;
boost::system::error_code http_error(unsigned status) noexcept;

}

template <> struct boost::system::is_error_code_enum<doks::errc> : std::true_type
{};
template <> struct boost::system::is_error_condition_enum<doks::condition> : std::true_type
{};

namespace doks {

/// How a call went, whether it succeeded or failed.
struct call_info
{
    std::string request_id; ///< the API's, of the last response
    unsigned attempts = 0;  ///< requests sent that used an attempt
    unsigned resends = 0;   ///< requests sent that used none: after a closed connection, a rotated token, a 429
    std::chrono::steady_clock::duration elapsed{}; ///< from the call to its outcome
    rate_limit_snapshot rate_limit;

    /// The number of requests sent.
    unsigned sends() const noexcept { return attempts + resends; }
};

/// The content of a failure; the members of `failure` read it.
struct failure_record
{
    boost::system::error_code code;
    std::string operation;  ///< for example `GET /v2/kubernetes/clusters/<id>/kubeconfig`
    std::string_view phase; ///< a literal: resolve, connect, tls, first byte, body, quota, ...
    stop_reason why = stop_reason::permanent;
    std::string_view layer; ///< a literal: the layer that ended the call: timeout, retry, attempt_timeout, rate_limited
    boost::system::error_code last_cause; ///< how the last attempt ended, if `code` is another cause
    call_info info;
    unsigned http_status = 0; ///< 0 without a response
    std::string api_id;       ///< the API's own error id, for example `not_found`
    std::string api_message;  ///< the API's own message, shortened and with control characters replaced
    std::string detail;       ///< for a person, in addition to the code: an address, a certificate's date, a file
    std::string remedy;       ///< what the user can do
    std::optional<std::chrono::system_clock::time_point> retry_at;
    std::optional<std::chrono::steady_clock::duration> retry_after;
};

/** The error of the API: what failed, where, why it was not tried again, and what the user can do.

    A handle to one immutable record; copies are cheap. It never holds a secret. Compare it with a `condition`
    (`error == doks::condition::not_found`); `code()` is the exact cause.
    @par Thread safety
    Any thread.
*/
class failure : public boost::system::system_error
{
public:
    failure();
    explicit failure(failure_record record);
    /// A failure without an attempt, as of a wrong argument or a token source. `phase` is a literal.
    failure(boost::system::error_code cause, std::string operation, std::string detail, std::string remedy = {},
        std::string_view phase = {});

    const char* what() const noexcept override;
    std::string message() const { return what(); }

    /// The most specific condition, by the order of `condition_of`; as a label: `to_string(error.condition())`.
    doks::condition condition() const noexcept { return condition_of(code()); }
    /// The phase that failed or in which the time ran out, as a literal: `connect`, `first byte`, `quota`, ...
    std::string_view phase() const noexcept { return record_->phase; }
    stop_reason why_stopped() const noexcept { return record_->why; }
    /// The layer that ended the call: `timeout` (the client's, the call's or a policy's), `retry`, `attempt_timeout`,
    /// `rate_limited`; empty if none did.
    std::string_view stopped_by() const noexcept { return record_->layer; }
    /// How the last attempt ended, if the call ended for another reason; clear if no attempt had ended.
    boost::system::error_code last_cause() const noexcept { return record_->last_cause; }
    const call_info& info() const noexcept { return record_->info; }
    unsigned attempts() const noexcept { return record_->info.attempts; }
    std::chrono::steady_clock::duration elapsed() const noexcept { return record_->info.elapsed; }
    const std::string& request_id() const noexcept { return record_->info.request_id; }
    unsigned http_status() const noexcept { return record_->http_status; }
    const std::string& api_id() const noexcept { return record_->api_id; }
    const std::string& api_message() const noexcept { return record_->api_message; }
    const std::string& detail() const noexcept { return record_->detail; }

    /// When the call could succeed, if the API or the local rate limit says so.
    std::optional<std::chrono::system_clock::time_point> retry_at() const noexcept { return record_->retry_at; }
    /// The same as a duration from the failure on, rounded up; zero if it is not known.
    std::chrono::seconds retry_after() const noexcept;

    const failure_record& record() const noexcept { return *record_; }

    friend bool operator==(const failure& error, doks::condition value) noexcept
    {
        return error.code() == make_error_condition(value);
    }
    friend bool operator==(const failure& error, errc cause) noexcept { return error.code() == make_error_code(cause); }

private:
    std::shared_ptr<const failure_record> record_;
    std::shared_ptr<const std::string> text_;
};

/// A value or the failure; `value()` throws the failure.
template <class T> using result = boost::system::result<T, failure>;

namespace impl {

/// Makes a failure of an exception: itself, one with the code of a system_error, or one with `unclassified`.
failure failure_of(const std::exception_ptr& thrown);

}

[[noreturn]] void throw_exception_from_error(const failure& error, const boost::source_location& where);

}
