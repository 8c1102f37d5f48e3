#pragma once

#include <doks/secret.hpp>

#include <string_view>

namespace doks::yaml {

/// It reads as the same text without quotes, in YAML 1.1 and 1.2: a letter, and then nothing that has a meaning in YAML.
bool is_plain_text(std::string_view text) noexcept;

/// A plain scalar with these characters may be something else than text: a number, a truth value, null.
bool may_be_typed(std::string_view text) noexcept;

/// In double quotes, which YAML and JSON read alike.
void put_quoted(secret_bytes& to, std::string_view text);

/// Text in block style, with quotes where it needs them.
void put_text(secret_bytes& to, std::string_view text);

}
