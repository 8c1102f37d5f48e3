#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace doks {

/** At most `limit` requests in any interval of length `per`.

    Source: DigitalOcean's API reference, "Rate Limit": 5,000 requests an hour and 250 a minute for each token.
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

/** What the API's last response said of the hourly quota of this token, whoever uses it.

    Shape: a value is missing where the response did not carry it. `reset` is when the oldest request of the hour expires,
    so about one request is free then, not the whole limit. Nothing reports what is left of the minute.
    Source: the `ratelimit-*` headers.
*/
struct rate_limit_snapshot
{
    std::optional<std::size_t> limit;
    std::optional<std::size_t> remaining;
    std::optional<std::chrono::system_clock::time_point> reset;
};

/** Where a token's quota stands in this process.

    Shape: `windows` are those kept to, shortest first, with the requests counted in each as of now; those that are
    under way count. `foreign` are the requests of others within the longest window, as far as the responses tell.
    `parked` are this client's own calls that wait for a slot. `next_slot` is when a single call could go, `closed_until`
    the end of the closure that a 429 brought.
*/
struct rate_limit_state
{
    struct window
    {
        rate_window limit;
        std::size_t used = 0;
    };
    std::vector<window> windows;
    std::size_t external = 0;
    std::size_t in_flight = 0;
    std::size_t parked = 0;
    std::optional<std::chrono::steady_clock::time_point> next_slot;
    std::optional<std::chrono::steady_clock::time_point> closed_until;
};

}
