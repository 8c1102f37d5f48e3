#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace doks::cli {

/** Reads `500ms`, `90s`, `15m`, `1h` or `7d`; `option` is named in the error.

    Errors: `cli_error` (usage) for no unit, a sign, a fraction, anything else, and more than 36500 days.
*/
std::chrono::nanoseconds parse_duration(std::string_view text, std::string_view option);

/// As `parse_duration`; zero is an error too.
std::chrono::nanoseconds parse_positive_duration(std::string_view text, std::string_view option);

/// As `parse_duration`; the API takes whole seconds only. `0s` leaves it to the API: 7 days.
std::chrono::seconds parse_expiry(std::string_view text, std::string_view option);

/// For people: `850ms`, `12.3s`, `1m 05s`, `2h 07m`, `3d 04h`.
std::string duration_text(std::chrono::nanoseconds value);

/// `2026-11-23T23:15:00Z`, rounded down to the second.
std::string utc_text(std::chrono::system_clock::time_point time);

/// As it is written on the command line: the largest unit that divides it.
std::string duration_argument(std::chrono::nanoseconds value);

}
