#pragma once

#include "cli/options/options.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
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

// The rest of the values that are not words to choose from. Errors: `cli_error` (usage) that names the option.

void require_value(std::string_view text, std::string_view option);
/// The text as it is.
std::string read_text(std::string_view text, std::string_view option);
/// The name of one of doctl's contexts, in lower case.
std::string read_context(std::string_view name);
/// A URL without a password, which every user of the machine could see.
std::string read_proxy(std::string_view text, std::string_view option);
std::string read_reference(std::string_view text, std::string_view option);
/// A cluster's id in lower case.
std::string read_id(std::string_view text, std::string_view option);
std::string read_alias(std::string_view text, std::string_view option);
std::filesystem::path read_directory(std::string_view text, std::string_view option);
std::filesystem::path read_kubectl_file(std::string_view text, std::string_view option);
std::filesystem::path read_cache(std::string_view text, std::string_view option);
/// `true` for the option without a value.
prune_mode read_prune(std::string_view text);

}
