#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace doks::kube {

/// `2026-11-23T23:15:00Z`, rounded down to the second.
std::string format_rfc3339(std::chrono::system_clock::time_point when);

/// The inverse; takes `Z` and numeric offsets, and up to nine digits of a fraction.
std::optional<std::chrono::system_clock::time_point> parse_rfc3339(std::string_view text);

}
