#include "yaml/encoding.hpp"

#include <boost/locale/utf.hpp>

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace doks::yaml {

namespace {

namespace utf = boost::locale::utf;
using units = std::vector<char16_t, wiping_allocator<char16_t>>;

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
constexpr char16_t byte_order_mark = 0xFEFF;

/// Which of a unit's two bytes has its upper half.
std::size_t upper_byte(encoding of) noexcept { return of == encoding::utf16_little_endian ? 1 : 0; }

boost::system::result<secret_bytes, parse_error> from_utf16(std::string_view bytes, encoding from)
{
    const parse_error broken{"not UTF-16: it holds half a character"};
    if (bytes.size() % 2 != 0) return broken;
    units text;
    const auto upper = upper_byte(from);
    for (std::size_t at = 2; at + 1 < bytes.size(); at += 2)
        text.push_back(static_cast<char16_t>(
            static_cast<unsigned char>(bytes[at + upper]) << 8 | static_cast<unsigned char>(bytes[at + 1 - upper])));
    secret_bytes utf8;
    for (auto at = text.cbegin(); at != text.cend();) {
        const auto point = utf::utf_traits<char16_t>::decode(at, text.cend());
        if (!utf::is_valid_codepoint(point)) return broken;
        utf::utf_traits<char>::encode(point, std::back_inserter(utf8));
    }
    return utf8;
}

secret_bytes to_utf16(const secret_bytes& utf8, encoding to)
{
    units text{byte_order_mark};
    for (auto at = utf8.cbegin(); at != utf8.cend();)
        utf::utf_traits<char16_t>::encode(utf::utf_traits<char>::decode(at, utf8.cend()), std::back_inserter(text));
    secret_bytes bytes(2 * text.size());
    const auto upper = upper_byte(to);
    for (std::size_t i = 0; i < text.size(); ++i) {
        bytes[2 * i + upper] = static_cast<char>(text[i] >> 8);
        bytes[2 * i + 1 - upper] = static_cast<char>(text[i] & 0xFF);
    }
    return bytes;
}

}

/// Windows' tools write UTF-16, and kubectl reads it.
encoding encoding_of(std::string_view bytes) noexcept
{
    if (bytes.starts_with(utf8_mark)) return encoding::utf8_with_mark;
    if (bytes.starts_with("\xFF\xFE")) return encoding::utf16_little_endian;
    if (bytes.starts_with("\xFE\xFF")) return encoding::utf16_big_endian;
    return encoding::utf8;
}

boost::system::result<secret_bytes, parse_error> to_utf8(secret_bytes bytes)
{
    const std::string_view text(bytes.data(), bytes.size());
    const auto from = encoding_of(text);
    if (from == encoding::utf8_with_mark) bytes.erase(bytes.begin(), bytes.begin() + utf8_mark.size());
    auto utf8 = from == encoding::utf16_little_endian || from == encoding::utf16_big_endian
                    ? from_utf16(text, from)
                    : boost::system::result<secret_bytes, parse_error>(std::move(bytes));
    if (utf8 && std::string_view(utf8->data(), utf8->size()).starts_with(utf8_mark))
        return parse_error{"it begins with two byte order marks: take one out"};
    return utf8;
}

secret_bytes from_utf8(secret_bytes utf8, encoding to)
{
    if (to == encoding::utf8_with_mark) utf8.insert(utf8.begin(), utf8_mark.begin(), utf8_mark.end());
    return to == encoding::utf8 || to == encoding::utf8_with_mark ? utf8 : to_utf16(utf8, to);
}

}
