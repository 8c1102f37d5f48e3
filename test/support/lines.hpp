#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

namespace doks::test {

/// Without their ends, whichever they are.
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

}
