#include "kubeconfig/read/text_precheck.hpp"

#include <boost/locale/utf.hpp>

#include <cstddef>

namespace doks::kube {

namespace {

namespace utf = boost::locale::utf;

bool is_control(char32_t point) noexcept { return point < 0x20 || (point >= 0x7F && point < 0xA0); }

/// They let a name look like another one on a terminal.
bool turns_writing(char32_t point) noexcept
{
    return point == 0x061C || point == 0x200E || point == 0x200F || (point >= 0x2028 && point <= 0x202E) ||
           (point >= 0x2066 && point <= 0x2069);
}

/// As many bytes as one vector register holds.
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
        const char* next = bytes.data() + at;
        const auto point = utf::utf_traits<char>::decode(next, bytes.data() + bytes.size());
        if (!utf::is_valid_codepoint(point)) return "not UTF-8";
        const bool line_or_tab = point == '\n' || point == '\r' || point == '\t';
        if (is_control(point) && !line_or_tab) return "it holds control characters";
        at = static_cast<std::size_t>(next - bytes.data());
    }
    return nullptr;
}

}

std::optional<std::string> why_not_text(std::string_view bytes, std::size_t largest)
{
    if (bytes.empty()) return "empty body";
    if (bytes.size() > largest) return "larger than " + std::to_string(largest >> 20) + " MiB";
    if (bytes.starts_with("\xEF\xBB\xBF")) return "it begins with a byte order mark";
    if (const char* fault = why_not_characters(bytes)) return fault;
    return std::nullopt;
}

bool is_printable(std::string_view utf8) noexcept
{
    for (auto at = utf8.begin(); at != utf8.end();) {
        const auto point = utf::utf_traits<char>::decode(at, utf8.end());
        if (!utf::is_valid_codepoint(point) || is_control(point) || turns_writing(point)) return false;
    }
    return true;
}

}
