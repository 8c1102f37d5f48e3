#include "kubeconfig/screen.hpp"

#include <cstddef>

namespace doks::kube {

namespace {

/// A code point and the length of its encoding; length 0 where the bytes are no UTF-8.
struct decoded
{
    char32_t point = 0;
    std::size_t length = 0;
};

bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t length_by_lead(unsigned char lead) noexcept
{
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return 2;
    if (lead >= 0xE0 && lead <= 0xEF) return 3;
    if (lead >= 0xF0 && lead <= 0xF4) return 4;
    return 0;
}

decoded decode(std::string_view text) noexcept
{
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = length_by_lead(lead);
    if (length == 0 || length > text.size()) return {};
    if (length == 1) return {lead, 1};
    char32_t point = lead & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(text[i])) return {};
        point = (point << 6) | (static_cast<unsigned char>(text[i]) & 0x3Fu);
    }
    const bool overlong = (length == 3 && point < 0x800) || (length == 4 && point < 0x10000);
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    if (overlong || surrogate || point > 0x10FFFF) return {};
    return {point, length};
}

bool is_control(char32_t point) noexcept { return point < 0x20 || (point >= 0x7F && point < 0xA0); }

bool turns_writing(char32_t point) noexcept
{
    return point == 0x061C || point == 0x200E || point == 0x200F || (point >= 0x2028 && point <= 0x202E) ||
           (point >= 0x2066 && point <= 0x2069);
}

constexpr std::size_t block = 32;

/// A block of printable ASCII and line feeds; written so that the compiler looks at many bytes at once.
bool is_plain_block(const char* at) noexcept
{
    unsigned char odd = 0;
    for (std::size_t i = 0; i < block; ++i) {
        const auto c = static_cast<unsigned char>(at[i]);
        odd |= static_cast<unsigned char>(((c < 0x20) & (c != '\n')) | (c >= 0x7F));
    }
    return odd == 0;
}

const char* why_not_characters(std::string_view bytes)
{
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (bytes.size() - at >= block && is_plain_block(bytes.data() + at)) {
            at += block;
            continue;
        }
        const auto next = decode(bytes.substr(at));
        if (next.length == 0) return "not UTF-8";
        if (next.point == 0) return "it holds a NUL byte";
        // libfyaml passes it over; to kubectl it is part of a key.
        if (next.point == 0xFEFF) return "it holds a byte order mark";
        const bool line_or_tab = next.point == '\n' || next.point == '\r' || next.point == '\t';
        if (is_control(next.point) && !line_or_tab) return "it holds control characters";
        at += next.length;
    }
    return nullptr;
}

bool has_directive(std::string_view bytes)
{
    for (auto at = bytes.find('%'); at != std::string_view::npos; at = bytes.find('%', at + 1))
        if (at == 0 || bytes[at - 1] == '\n' || bytes[at - 1] == '\r') return true;
    return false;
}

bool is_utf16(std::string_view bytes)
{
    return bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF") ||
           (bytes.size() > 1 && (bytes[0] == '\0') != (bytes[1] == '\0'));
}

}

std::optional<std::string> why_not_text(std::string_view bytes, std::size_t largest)
{
    if (bytes.empty()) return "empty body";
    if (bytes.size() > largest) return "larger than " + std::to_string(largest >> 20) + " MiB";
    if (bytes.starts_with("\xEF\xBB\xBF")) return "it begins with a byte order mark";
    if (is_utf16(bytes)) return "UTF-16, not UTF-8";
    if (const char* fault = why_not_characters(bytes)) return fault;
    if (has_directive(bytes)) return "a line begins with `%`";
    return std::nullopt;
}

bool is_printable(std::string_view utf8) noexcept
{
    while (!utf8.empty()) {
        const auto next = decode(utf8);
        if (next.length == 0 || is_control(next.point) || turns_writing(next.point)) return false;
        utf8.remove_prefix(next.length);
    }
    return true;
}

}
