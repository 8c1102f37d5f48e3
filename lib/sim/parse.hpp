#pragma once

#include <chrono>
#include <string_view>
#include <vector>

namespace doks::sim {

/** Reads `20ms` or `1.5s`, with ns, us, ms, s, m, h or d. Errors: std::invalid_argument that quotes the text. */
std::chrono::nanoseconds parse_duration(std::string_view text);

/** The parts between the separators, empty ones included. */
std::vector<std::string_view> split_at(std::string_view text, char separator);

}
