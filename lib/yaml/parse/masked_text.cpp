#include "yaml/parse/masked_text.hpp"

#include <algorithm>
#include <array>

namespace doks::yaml {

namespace {

/// They have no meaning in YAML. In the text itself the chosen one is a word.
constexpr std::string_view mask_characters = ";^$()";
constexpr std::size_t shortest_masked = 8;
/// What a backslash may have behind it: `U0001F600`.
constexpr std::size_t longest_escape = 9;

/// Letters and digits, and the other characters of base64 in both alphabets.
constexpr auto in_words = [] {
    std::array<bool, 256> in{};
    for (const char c : {'-', '_', '+', '/', '='}) in[static_cast<unsigned char>(c)] = true;
    for (unsigned char c = '0'; c <= '9'; ++c) in[c] = true;
    for (unsigned char c = 'a'; c <= 'z'; ++c) in[c] = in[c - 'a' + 'A'] = true;
    return in;
}();

bool is_in_word(char c) noexcept { return in_words[static_cast<unsigned char>(c)]; }

/// The mark of an anchor, an alias, a tag or a directive.
bool marks_name(std::string_view text, std::size_t at) noexcept
{
    if (std::string_view("&*!%").find(text[at]) == std::string_view::npos) return false;
    if (at == 0) return true;
    const char before = text[at - 1];
    return static_cast<unsigned char>(before) >= 0x80 ||
           std::string_view(" \t\r\n[]{},:!").find(before) != std::string_view::npos;
}

/// An escape such as `\x3b` means it.
bool is_escaped(std::string_view text, char c) noexcept
{
    constexpr std::string_view digits = "0123456789abcdef";
    const char hex[] = {digits[static_cast<unsigned char>(c) >> 4], digits[static_cast<unsigned char>(c) & 0xf]};
    for (auto at = text.find('\\'); at != text.npos; at = text.find('\\', at + 1)) {
        const auto first = std::min(text.find_first_not_of('0', at + 2), text.size());
        if (first + 1 < text.size() && text[first] == hex[0] && (text[first + 1] | 0x20) == (hex[1] | 0x20))
            return true;
    }
    return false;
}

}

masked_text::masked_text(std::string_view text)
    : text_(text)
{
    const auto chosen =
        std::find_if(mask_characters.begin(), mask_characters.end(), [&](char c) { return !is_escaped(text, c); });
    masked_.reserve(text.size());
    if (chosen == mask_characters.end()) {
        masked_.assign(text.begin(), text.end());
        return;
    }
    mask_ = *chosen;
    std::size_t copied = 0;
    const auto replace = [&](std::size_t begin, std::size_t end) {
        masked_.insert(masked_.end(), text.begin() + copied, text.begin() + begin);
        words_.push_back({masked_.size(), begin, end});
        masked_.push_back(mask_);
        copied = end;
    };
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == mask_) replace(at, at + 1);
        if (!is_in_word(text[at])) continue;
        auto begin = at;
        while (at + 1 < text.size() && is_in_word(text[at + 1])) ++at;
        const auto end = at + 1;
        if (end - begin < shortest_masked || (begin > 0 && marks_name(text, begin - 1))) continue;
        if (begin > 0 && text[begin - 1] == '\\') begin += longest_escape;
        if (begin < end) replace(begin, end);
    }
    masked_.insert(masked_.end(), text.begin() + copied, text.end());
}

std::vector<masked_text::word>::const_iterator masked_text::first_from(std::size_t masked) const noexcept
{
    return std::lower_bound(
        words_.begin(), words_.end(), masked, [](const word& each, std::size_t at) { return each.masked < at; });
}

std::size_t masked_text::offset_of(std::size_t masked) const noexcept
{
    const auto next = first_from(masked);
    if (next == words_.begin()) return masked;
    const auto& before = *std::prev(next);
    return before.end + (masked - before.masked - 1);
}

std::optional<secret_bytes> masked_text::restore(std::string_view value, std::size_t begin, std::size_t end) const
{
    auto next = first_from(begin);
    const auto last = first_from(end);
    secret_bytes restored;
    for (const char c : value) {
        if (c != mask_ || mask_ == 0) {
            restored.push_back(c);
            continue;
        }
        if (next == last) return std::nullopt;
        restored.insert(restored.end(), text_.begin() + next->begin, text_.begin() + next->end);
        ++next;
    }
    if (next != last) return std::nullopt;
    return restored;
}

}
