#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

namespace doks::sim {

/** The limits that each API token has in the simulator.

    Whether the minute slides and whether a refusal uses quota is documented nowhere: the two switches give the four
    variants a client has to do well in. The hour is always a sliding log.
*/
struct rate_limit
{
    std::size_t per_minute = 250;                            ///< The burst. At least 1.
    std::chrono::nanoseconds minute_window{60'000'000'000};  ///< Scaled down by tests. More than zero.
    std::size_t per_hour = 5000;                             ///< At least 1.
    std::chrono::nanoseconds hour_window{3'600'000'000'000}; ///< Scaled down by tests. More than zero.
    bool minute_slides = true;                               ///< false: windows begin at multiples of minute_window.
    bool refusals_count = false;                             ///< true: a 429 uses quota like any other response.
    bool enabled = true;                                     ///< false: no limit, no rate headers.
};

/** Reads `250/1m,5000/1h` (minute first, the hour may be left out), or `off`.

    @throws std::invalid_argument that quotes the item and shows the form.
*/
rate_limit parse_rate_limit(std::string_view text);

}
