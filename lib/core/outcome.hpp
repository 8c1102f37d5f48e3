#pragma once

#include <doks/rate_limit.hpp>

#include <boost/system/error_code.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace doks::core {

using instant = std::chrono::steady_clock::time_point;
using duration = std::chrono::steady_clock::duration;
using wall_time = std::chrono::system_clock::time_point;

inline constexpr instant never = (instant::max)();

/// Where in its life a request is.
enum class phase
{
    token,
    quota,
    pool,
    resolve,
    connect,
    proxy,
    tls,
    write,
    first_byte,
    body,
    response,
    backoff
};

std::string_view to_string(phase where) noexcept;

/// What a response's header says of time and quota. Missing where it was absent or malformed.
struct response_hints
{
    rate_limit_snapshot rate_limit;
    std::optional<std::chrono::seconds> retry_after;
    std::optional<wall_time> date;
};

/** How one attempt ended: the vocabulary that decisions and effects share.

    `cause` is clear on a 2xx. `sent`: the server may have seen the request. `answered`: a byte of the response came.
    `reused`: the connection had carried a request before, or idled.
*/
struct outcome
{
    boost::system::error_code cause;
    phase at = phase::response;
    unsigned status = 0;
    bool reused = false;
    bool sent = false;
    bool answered = false;
    bool replayable = true; ///< making the attempt again does no harm
    bool of_api = false;    ///< the API answered, as far as can be seen, and not something in front of it
    response_hints hints;
};

}
