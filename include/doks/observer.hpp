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

/// A connection was closed, and why.
struct connection_closed
{
    std::uint64_t connection = 0;
    std::string reason;
};

/// A request goes out; its Authorization header is never part of an event.
struct request_sent
{
    std::uint64_t call = 0;
    std::uint64_t connection = 0;
    unsigned attempt = 1;
    std::string target;
};

/// A response is complete, or the exchange has failed: then `status` is 0 and `cause` says why.
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
    /// The response's own time, to the second.
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

/// A call has its outcome; `cause` is clear on success.
struct call_finished
{
    std::uint64_t call = 0;
    call_info info;
    boost::system::error_code cause;
};

using event = std::variant<connection_opened, connection_closed, request_sent, response_received, quota_awaited,
    retry_scheduled, call_finished>;

/** Sees what a client does; progress, traces, statistics and logs all subscribe here.

    Threads: called in order, one at a time, on the client's executor; a call's last events may come after its handler.
    Cost: nothing where there is none; a copy of the event where there is one.
*/
using observer = std::function<void(const event&)>;

}
