#pragma once

#include <doks/rate_limit.hpp>

#include <cstddef>
#include <string_view>
#include <vector>

namespace doks::cli {

/** A whole number from `least` to `most`; `option` is named in the error.

    Errors: `cli_error` (usage).
*/
std::size_t parse_count(std::string_view text, std::string_view option, std::size_t least, std::size_t most);

/** Reads `250/1m,5000/1h`, any number of windows, or `off`, which gives none.

    Errors: `cli_error` (usage) that quotes the window at fault.
*/
std::vector<rate_window> parse_rate_windows(std::string_view text, std::string_view option);

}
