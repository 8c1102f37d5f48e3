#pragma once

#include <doks/secret.hpp>

#include <string_view>

namespace doks::core {

// Forms in which a text can stand within another one. All are lenient: what is no escape stays as it is, for a text may be
// cut off anywhere. What comes out is wiped with its owner.

/// -1: no digit.
int hex_digit(char c) noexcept;

using unescape = secret_bytes (*)(std::string_view text);
secret_bytes without_percents(std::string_view text);             ///< `%64`, `%u0064`
secret_bytes without_quoted_printable(std::string_view text);     ///< `=64`
secret_bytes without_backslashes(std::string_view text);          ///< `\u0064`, `\u{64}`, `\x64`, `\144`, `\/`
secret_bytes without_character_references(std::string_view text); ///< `&#100;`, `&#x64;`, `&amp;`
secret_bytes without_gaps(std::string_view text); ///< white space, control characters, and '?', which has replaced some

inline constexpr unescape unescapes[] = {
    &without_percents, &without_quoted_printable, &without_backslashes, &without_character_references, &without_gaps};

/// The characters of an encoding that the text begins with.
std::string_view base64_run(std::string_view text) noexcept;
std::string_view hex_run(std::string_view text) noexcept;
std::string_view printable_run(std::string_view text) noexcept;

/// Without padding.
secret_bytes to_base64(std::string_view bytes);
/// The text is in one alphabet or the other; bits that make no byte are left out.
secret_bytes from_base64(std::string_view text);
secret_bytes from_hex(std::string_view text);

}
