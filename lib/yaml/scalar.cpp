#include "yaml/scalar.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace doks::yaml {

namespace {

/// YAML 1.1, which kubectl reads, takes these for something else than text; so does 1.2 for some of them.
constexpr std::array<std::string_view, 9> words{"y", "n", "yes", "no", "on", "off", "true", "false", "null"};

bool is_word(std::string_view text) noexcept
{
    const auto same = [](char a, char b) { return (a | 0x20) == b; };
    return std::any_of(words.begin(), words.end(),
        [&](std::string_view word) { return std::equal(text.begin(), text.end(), word.begin(), word.end(), same); });
}

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool is_harmless(std::string_view text) noexcept
{
    constexpr std::string_view harmless = "0123456789-_./+=";
    return std::all_of(
        text.begin(), text.end(), [&](char c) { return is_letter(c) || harmless.find(c) != harmless.npos; });
}

/// A URL whose only colons stand where they end no key.
bool is_plain_url(std::string_view text) noexcept
{
    constexpr std::string_view scheme = "https://";
    if (!text.starts_with(scheme)) return false;
    const auto rest = text.substr(scheme.size());
    const auto port = rest.find(':');
    if (port == rest.npos) return is_harmless(rest);
    return port + 1 < rest.size() && is_harmless(rest.substr(0, port)) && is_harmless(rest.substr(port + 1));
}

/// What may end a line for one reader and not for another, or is refused by some, as bytes and as an escape.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> odd{
    {{"\xE2\x80\xA8", "\\u2028"}, {"\xE2\x80\xA9", "\\u2029"}, {"\xEF\xBB\xBF", "\\uFEFF"}, {"\xEF\xBF\xBE", "\\uFFFE"},
        {"\xEF\xBF\xBF", "\\uFFFF"}}};

void put(secret_bytes& to, std::string_view text) { to.insert(to.end(), text.begin(), text.end()); }

void put_code(secret_bytes& to, unsigned code)
{
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "\\u%04X", code);
    put(to, text.data());
}

/// How many bytes were put as an escape.
std::size_t put_escape(secret_bytes& to, std::string_view rest)
{
    const auto first = static_cast<unsigned char>(rest.front());
    if (first < 0x20 || first == 0x7F) return put_code(to, first), 1;
    if (first == 0xC2 && rest.size() > 1 && static_cast<unsigned char>(rest[1]) < 0xA0)
        return put_code(to, static_cast<unsigned char>(rest[1])), 2;
    for (const auto& [bytes, escape] : odd)
        if (rest.starts_with(bytes)) return put(to, escape), bytes.size();
    return 0;
}

}

bool is_plain_text(std::string_view text) noexcept
{
    return !text.empty() && is_letter(text.front()) && !is_word(text) && is_harmless(text);
}

bool may_be_typed(std::string_view text) noexcept
{
    constexpr std::string_view first = "0123456789+-.~<=";
    constexpr std::string_view others = "0123456789+-.~<=:_ ";
    if (text.empty() || is_word(text)) return true;
    return first.find(text.front()) != first.npos &&
           std::all_of(text.begin(), text.end(), [&](char c) { return is_letter(c) || others.find(c) != others.npos; });
}

void put_quoted(secret_bytes& to, std::string_view text)
{
    to.push_back('"');
    while (!text.empty()) {
        std::size_t taken = put_escape(to, text);
        if (taken == 0) {
            if (text.front() == '"' || text.front() == '\\') to.push_back('\\');
            to.push_back(text.front());
            taken = 1;
        }
        text.remove_prefix(taken);
    }
    to.push_back('"');
}

void put_text(secret_bytes& to, std::string_view text)
{
    is_plain_text(text) || is_plain_url(text) ? put(to, text) : put_quoted(to, text);
}

}
