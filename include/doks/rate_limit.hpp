#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace doks {

/** At most `limit` requests in any interval of length `per`.

    @see DigitalOcean's API reference, "Rate Limit": 5,000 requests an hour and 250 a minute for each token
*/
struct rate_window
{
    std::size_t limit = 0;
    std::chrono::steady_clock::duration per{};

    friend bool operator==(const rate_window&, const rate_window&) = default;
};

/// DigitalOcean's own limits for one API token.
inline std::vector<rate_window> digitalocean_limits()
{
    using namespace std::chrono_literals;
    return {{250, 1min}, {5000, 1h}};
}

/** The hourly quota of a token, all its users included, as the API's last response states it.

    A value is missing if the response did not carry it. No header reports what is left of the minute.
    @see the `ratelimit-*` headers
*/
struct rate_limit_snapshot
{
    std::optional<std::size_t> limit;
    std::optional<std::size_t> remaining;
    /// When the oldest request of the hour expires: about one request is free then, not the whole limit.
    std::optional<std::chrono::system_clock::time_point> reset;
};

/// The state of a token's quota in this process.
struct rate_limit_state
{
    struct window
    {
        rate_window limit;
        std::size_t used = 0; ///< requests in it as of now, those under way included
    };
    std::vector<window> windows; ///< shortest first
    std::size_t external = 0;    ///< requests of others within the longest window, as far as the responses tell
    std::size_t in_flight = 0;
    std::size_t parked = 0;                                            ///< calls of this client that wait for a slot
    std::optional<std::chrono::steady_clock::time_point> next_slot;    ///< when a single call could go
    std::optional<std::chrono::steady_clock::time_point> closed_until; ///< when the closure after a 429 ends
};

}
