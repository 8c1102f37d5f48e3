#pragma once

#include <algorithm>
#include <string>
#include <string_view>

// Letters of ASCII, whatever the locale is.

namespace doks::kube {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string lowered(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), &lower);
    return result;
}

/// Without regard to case.
constexpr bool is_same(std::string_view a, std::string_view b) noexcept
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

}
