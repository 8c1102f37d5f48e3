#include "cli/output/text.hpp"

#include <boost/algorithm/hex.hpp>
#include <boost/locale/utf.hpp>

#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace doks::cli {

namespace {

constexpr std::size_t longest_quote = 120;
constexpr std::string_view white_space = " \t\r\n\v\f";

bool is_control(std::string_view text, std::size_t at)
{
    auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte < 0x80 || byte > 0x9f || at == 0) return false;
    return static_cast<unsigned char>(text[at - 1]) == 0xc2;
}

}

std::string printable(std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    std::string shown;
    shown.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (!is_control(text, at)) {
            shown += text[at];
            continue;
        }
        auto byte = static_cast<unsigned char>(text[at]);
        if (byte >= 0x80) shown.pop_back();
        shown.append("\\x").append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
    }
    return shown;
}

bool is_printable(std::string_view text)
{
    namespace utf = boost::locale::utf;
    const auto is_hidden = [](char32_t point) {
        const bool is_control_point = point < 0x20 || (point >= 0x7f && point < 0xa0);
        const bool turns_writing = point == 0x061c || point == 0x200e || point == 0x200f ||
                                   (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
        return is_control_point || turns_writing;
    };
    for (auto at = text.begin(); at != text.end();) {
        const auto point = utf::utf_traits<char>::decode(at, text.end());
        if (!utf::is_valid_codepoint(point) || is_hidden(point)) return false;
    }
    return true;
}

std::string lower_case(std::string_view text)
{
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

std::string sha256(std::string_view bytes)
{
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
    ::SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    std::string text;
    boost::algorithm::hex_lower(digest.begin(), digest.end(), std::back_inserter(text));
    return text;
}

std::string in_quotes(std::string_view text)
{
    if (text.size() <= longest_quote) return "'" + printable(text) + "'";
    return "'" + printable(text.substr(0, longest_quote)) + "…'";
}

std::string names_of(const std::vector<std::filesystem::path>& files)
{
    std::string names;
    for (const auto& each : files) names.append(names.empty() ? "" : ", ").append(printable(each.string()));
    return names;
}

std::size_t columns(std::string_view text)
{
    auto begins_code_point = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_code_point));
}

std::string_view trimmed(std::string_view text)
{
    auto first = text.find_first_not_of(white_space);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

}
