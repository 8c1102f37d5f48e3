#include "core/encodings.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace doks::core {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_digit(char c) noexcept
{
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+' || c == '-') return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

/// A character that was written as several, and how many these are; none: nothing is written so here.
struct escaped
{
    char meant = '\0';
    std::size_t size = 0;
};

char meant_by(unsigned code) { return code < 0x80 ? static_cast<char>(code) : '?'; }

/// Digits of one base, `most` at most; `size` is that of the digits.
escaped number_at(std::string_view text, unsigned base, std::size_t most)
{
    unsigned code = 0;
    std::size_t size = 0;
    for (; size < most && size < text.size(); ++size) {
        const int digit = hex_digit(text[size]);
        if (digit < 0 || digit >= static_cast<int>(base)) break;
        code = code * base + static_cast<unsigned>(digit);
    }
    return {meant_by(code), size};
}

escaped hex_pair(std::string_view behind_mark)
{
    const auto pair = number_at(behind_mark, 16, 2);
    return pair.size == 2 ? escaped{pair.meant, 3} : escaped{};
}

/// `%64`, and `%u0064` as a browser's escape() writes it.
escaped percent(std::string_view text)
{
    if (text.front() != '%' || text.size() < 2) return {};
    if (text[1] != 'u' && text[1] != 'U') return hex_pair(text.substr(1));
    const auto number = number_at(text.substr(2), 16, 4);
    return number.size == 4 ? escaped{number.meant, 6} : escaped{};
}

escaped quoted_printable(std::string_view text) { return text.front() == '=' ? hex_pair(text.substr(1)) : escaped{}; }

/// What follows `\u` or `\x`: hex digits in braces, as ECMAScript, Rust and Perl write them.
escaped in_braces(std::string_view text)
{
    if (!text.starts_with('{')) return {};
    const auto number = number_at(text.substr(1), 16, 8);
    const std::size_t end = 1 + number.size;
    if (number.size == 0 || end >= text.size() || text[end] != '}') return {};
    return {number.meant, end + 1};
}

escaped backslash(std::string_view text)
{
    if (text.front() != '\\' || text.size() < 2) return {};
    const char kind = text[1];
    if (const auto octal = number_at(text.substr(1), 8, 3); octal.size > 1) return {octal.meant, 1 + octal.size};
    if (kind == 'u' || kind == 'x')
        if (const auto braced = in_braces(text.substr(2)); braced.size != 0) return {braced.meant, 2 + braced.size};
    const std::size_t digits = kind == 'u' ? 4 : kind == 'x' ? 2 : kind == 'U' ? 8 : 0;
    if (digits == 0) {
        const bool is_space = kind == 'n' || kind == 'r' || kind == 't';
        return {is_space ? ' ' : kind, 2};
    }
    const auto number = number_at(text.substr(2), 16, digits);
    return number.size == digits ? escaped{number.meant, 2 + digits} : escaped{};
}

escaped character_reference(std::string_view text)
{
    if (text.front() != '&') return {};
    constexpr std::array<std::pair<std::string_view, char>, 5> named = {
        {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}}};
    for (const auto& [name, meant] : named)
        if (text.starts_with(name)) return {meant, name.size()};
    if (text.size() < 2 || text[1] != '#') return {};
    const bool is_hex = text.size() > 2 && (text[2] == 'x' || text[2] == 'X');
    const std::size_t start = is_hex ? 3 : 2;
    const auto number = number_at(text.substr(start), is_hex ? 16 : 10, 7);
    if (number.size == 0) return {};
    const std::size_t end = start + number.size;
    return {number.meant, end + (end < text.size() && text[end] == ';' ? 1 : 0)};
}

template <class Escape> secret_bytes unescaped(std::string_view text, Escape at)
{
    secret_bytes plain;
    plain.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const escaped found = at(text.substr(i));
        plain.push_back(found.size == 0 ? text[i] : found.meant);
        i += (std::max)(found.size, std::size_t(1));
    }
    return plain;
}

template <class Belongs> std::string_view run_of(std::string_view text, Belongs belongs)
{
    return text.substr(0, static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), belongs) - text.begin()));
}

/// The bytes that digits of so many bits each make.
template <class Digit> secret_bytes bytes_of(std::string_view text, unsigned bits, Digit digit_of)
{
    secret_bytes bytes;
    bytes.reserve(text.size());
    unsigned held = 0;
    unsigned value = 0;
    for (const char c : text) {
        value = (value << bits | static_cast<unsigned>(digit_of(c))) & 0xffff;
        held += bits;
        if (held < 8) continue;
        held -= 8;
        bytes.push_back(static_cast<char>(value >> held & 0xff));
    }
    return bytes;
}

}

int hex_digit(char c) noexcept
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

secret_bytes without_percents(std::string_view text) { return unescaped(text, &percent); }
secret_bytes without_quoted_printable(std::string_view text) { return unescaped(text, &quoted_printable); }
secret_bytes without_backslashes(std::string_view text) { return unescaped(text, &backslash); }
secret_bytes without_character_references(std::string_view text) { return unescaped(text, &character_reference); }

secret_bytes without_gaps(std::string_view text)
{
    secret_bytes plain;
    plain.reserve(text.size());
    for (const char c : text)
        if (c > ' ' && c <= '~' && c != '?') plain.push_back(c);
    return plain;
}

std::string_view base64_run(std::string_view text) noexcept
{
    return run_of(text, [](char c) { return base64_digit(c) >= 0; });
}

std::string_view hex_run(std::string_view text) noexcept
{
    return run_of(text, [](char c) { return hex_digit(c) >= 0; });
}

std::string_view printable_run(std::string_view text) noexcept
{
    return run_of(text, [](char c) { return c >= ' ' && c <= '~'; });
}

secret_bytes to_base64(std::string_view bytes)
{
    secret_bytes text;
    text.reserve(bytes.size() * 4 / 3 + 2);
    unsigned held = 0;
    unsigned value = 0;
    for (const char c : bytes) {
        value = (value << 8 | static_cast<unsigned char>(c)) & 0x3fff;
        held += 8;
        for (; held >= 6; held -= 6) text.push_back(alphabet[value >> (held - 6) & 0x3f]);
    }
    if (held != 0) text.push_back(alphabet[value << (6 - held) & 0x3f]);
    return text;
}

secret_bytes from_base64(std::string_view text) { return bytes_of(text, 6, &base64_digit); }

secret_bytes from_hex(std::string_view text) { return bytes_of(text, 4, &hex_digit); }

}
