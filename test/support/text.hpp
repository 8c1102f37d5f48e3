#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Small questions to texts that many tests ask.

namespace doks::test {

inline bool holds(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

/// How often the part stands in the text.
inline std::size_t count_of(std::string_view text, std::string_view part)
{
    std::size_t count = 0;
    for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++count;
    return count;
}

/// A UUID for each number.
inline std::string numbered_id(std::size_t number)
{
    return "00000000-0000-4000-8000-" + std::to_string(100000000000 + number);
}

/// The lines without their ends, whichever these are.
inline std::vector<std::string_view> lines_of(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size() - 1) + 1;
        auto line = text.substr(0, end);
        while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
        lines.push_back(line);
        text.remove_prefix(end);
    }
    return lines;
}

inline std::string repeated(std::string_view piece, std::size_t times)
{
    std::string text;
    text.reserve(piece.size() * times);
    for (std::size_t i = 0; i < times; ++i) text += piece;
    return text;
}

/// The text with the line ends of Windows.
inline std::string with_crlf(std::string_view text)
{
    std::string changed;
    for (const char c : text) changed += c == '\n' ? std::string("\r\n") : std::string(1, c);
    return changed;
}

}
