#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace doks::kube {

/// A single path segment: letters, digits, `-`, `_` and `.`, not hidden, not long.
bool is_safe_segment(std::string_view id) noexcept;

/// `<id>.yaml`
std::string file_of(std::string_view id);
/// What stands before `.yaml`, whether it may be an id or not; nothing for other names.
std::optional<std::string> id_of(std::string_view file);

/// Neither hidden, as what editors leave beside a file, nor empty.
bool is_told_of(std::string_view id) noexcept;

/// In hexadecimal digits.
std::string sha256(std::string_view bytes);

}
