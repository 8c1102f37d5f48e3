#pragma once

#include "yaml/parse_error.hpp"

#include <doks/secret.hpp>

#include <boost/system/result.hpp>

#include <string_view>

namespace doks::yaml {

/// How a text is stored; UTF-16 begins with a byte order mark.
enum class encoding
{
    utf8,
    utf8_with_mark,
    utf16_little_endian,
    utf16_big_endian
};

encoding encoding_of(std::string_view bytes) noexcept;

/// UTF-8 without a byte order mark. Errors: half a character of UTF-16, two byte order marks.
boost::system::result<secret_bytes, parse_error> to_utf8(secret_bytes bytes);

/// `utf8` is valid.
secret_bytes from_utf8(secret_bytes utf8, encoding to);

}
