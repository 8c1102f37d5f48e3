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

/** What the API's last answer said of the hourly quota of this token, whoever uses it.

    Shape: a value is missing where the answer did not carry it. `reset` is when the oldest request of the hour expires,
    so about one request is free then, not the whole limit. Nothing reports what is left of the minute.
    Source: the `ratelimit-*` headers.
*/
struct rate_limit_snapshot
{
    std::optional<std::size_t> limit;
    std::optional<std::size_t> remaining;
    std::optional<std::chrono::system_clock::time_point> reset;
};

}
