#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace doks::cli {

/** The text with every control character replaced by `\xNN`, so that nothing from outside moves a terminal's cursor.

    UTF-8 stays as it is, but for the control characters U+0080 to U+009F.
*/
std::string printable(std::string_view text);

/// UTF-8 without control characters and without such as turn the direction of writing.
bool is_printable(std::string_view text);

/// With ASCII letters in lower case.
std::string lower_case(std::string_view text);

/// In hexadecimal digits.
std::string sha256(std::string_view bytes);

/// In single quotes, printable, and cut short where it is very long.
std::string in_quotes(std::string_view text);

/// The paths, printable, with commas between them.
std::string names_of(const std::vector<std::filesystem::path>& files);

/// Columns that the text takes, one for each code point.
std::size_t columns(std::string_view text);

/// Without the white space around it.
std::string_view trimmed(std::string_view text);

}
