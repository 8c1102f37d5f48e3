#pragma once

#include <doks/failure.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

namespace doks {

/// A connection was opened.
struct connection_opened
{
    std::uint64_t connection = 0;
    std::string address;     ///< numeric address and port
    std::string tls_version; ///< empty without TLS
    std::string cipher;
    bool resumed = false; ///< the TLS session of an earlier one
};

/// A connection was closed.
struct connection_closed
{
    std::uint64_t connection = 0;
    std::string reason;
};

/// A request is being sent. Its Authorization header is never part of an event.
struct request_sent
{
    std::uint64_t call = 0;
    std::uint64_t connection = 0;
    unsigned attempt = 1;
    std::string target;
};

/// A response is complete, or the exchange failed: then `status` is 0 and `cause` says why.
struct response_received
{
    std::uint64_t call = 0;
    std::uint64_t connection = 0;
    unsigned status = 0;
    std::string request_id;
    std::size_t body_size = 0;
    std::chrono::steady_clock::duration took{};
    rate_limit_snapshot rate_limit;
    boost::system::error_code cause;
    std::string_view phase;
    /// The `Date` of the response.
    std::optional<std::chrono::system_clock::time_point> date = std::nullopt;
};

/// A call waits for quota.
struct quota_awaited
{
    std::uint64_t call = 0;
    std::optional<std::chrono::steady_clock::time_point> until;
    rate_limit_state rate_limit;
};

/// An attempt failed and another one follows.
struct retry_scheduled
{
    std::uint64_t call = 0;
    unsigned attempts = 0; ///< used up so far
    bool resend = false;   ///< the next send uses no attempt
    boost::system::error_code cause;
    std::chrono::steady_clock::duration delay{};
};

/// A call has ended; `cause` is clear if it succeeded.
struct call_finished
{
    std::uint64_t call = 0;
    call_info info;
    boost::system::error_code cause;
};

using event = std::variant<connection_opened, connection_closed, request_sent, response_received, quota_awaited,
    retry_scheduled, call_finished>;

/** Receives the events of a client, for progress, traces, statistics and logs.

    @par Executor
    It is called on the client's executor, in order and one event at a time. A call's last events may come after its handler.
    @par Cost
    Nothing without an observer; else a copy of the event.
*/
using observer = std::function<void(const event&)>;

}
