#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace doks::kube {

/// A kubeconfig is 2 to 10 KB; nothing larger than this is looked at.
inline constexpr std::size_t largest_kubeconfig = std::size_t(1) << 20;
/// What kubectl uses may hold those of a thousand clusters.
inline constexpr std::size_t largest_kubeconfig_file = std::size_t(16) << 20;
inline constexpr std::size_t most_values_of_file = std::size_t(1) << 17;

/** Why these bytes are no text, for a person and without quoting them; nothing if they are.

    Text is UTF-8 without a byte order mark at its beginning and without control characters but tab and line ends, and has
    at most `largest` bytes.
    Cost: about a microsecond for 4 KB of ASCII; no allocation unless it refuses.
*/
std::optional<std::string> why_not_text(std::string_view bytes, std::size_t largest = largest_kubeconfig);

/** Whether text may be shown on a terminal as it is: no control characters, none that turn the direction of writing. */
bool is_printable(std::string_view utf8) noexcept;

}
