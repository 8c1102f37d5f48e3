#pragma once

#include <doks/bulk.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace doks::cli {

/// What is left of one rate window.
struct window_left
{
    rate_window window;
    std::size_t left = 0;
};

/// One moment of a bulk.
struct progress_moment
{
    bulk_summary summary;
    std::chrono::nanoseconds elapsed{0};
    std::vector<window_left> quota;
    std::size_t external = 0; ///< requests of others on the token, as far as is known
    std::size_t parked = 0;   ///< calls that wait for quota
    std::optional<std::chrono::nanoseconds> waits_for_quota;
    std::optional<std::chrono::nanoseconds> remaining;
};

/** `612/1000, 4.1/s, 0 failed, ~1m 32s left, quota 38 of 250/1m, 4388 of 5000/1h, 90 by others, 31 parked, next in 12.0s`

    What matters most stands first, for a terminal of 80 columns cuts the end off.
*/
std::string progress_text(const progress_moment& now);

/// `1000 of 1000 done in 3m 02s: 1000 fetched, 0 fresh, 0 not ready, 0 gone, 0 failed, 3 retries`
std::string summary_text(const bulk_summary& summary, std::chrono::nanoseconds elapsed);

}
