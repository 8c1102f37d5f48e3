#pragma once

#include <cstddef>
#include <string_view>

namespace doks::yaml {

/// Lines of a text whose last one ends as all others do.
class lines
{
public:
    explicit lines(std::string_view text)
        : text_(text)
    {}

    std::size_t begin_of(std::size_t at) const noexcept
    {
        if (at == 0) return 0;
        const auto before = text_.rfind('\n', at - 1);
        return before == std::string_view::npos ? 0 : before + 1;
    }
    /// Behind its line end.
    std::size_t end_of(std::size_t at) const noexcept
    {
        const auto found = text_.find('\n', at);
        return found == std::string_view::npos ? text_.size() : found + 1;
    }
    std::size_t column_of(std::size_t at) const noexcept { return at - begin_of(at); }
    bool begins_line(std::size_t at) const noexcept
    {
        return text_.substr(begin_of(at), column_of(at)).find_first_not_of(' ') == std::string_view::npos;
    }
    /// Without its line end.
    std::string_view rest_of_line(std::size_t at) const noexcept
    {
        auto rest = text_.substr(at, end_of(at) - at);
        while (rest.ends_with('\n') || rest.ends_with('\r')) rest.remove_suffix(1);
        return rest;
    }

    /** Where the lines end that belong to something which ends before `bound`.

        Blank lines before the bound do not belong to it, nor comments that begin at its column or left of it;
        comments that are deeper do.
    */
    std::size_t end_of_block(std::size_t floor, std::size_t bound, std::size_t column) const noexcept
    {
        while (bound > floor) {
            const auto line = begin_of(bound - 1);
            if (line < floor || !is_passed_over(text_.substr(line, bound - line), column)) break;
            bound = line;
        }
        return bound;
    }

private:
    static bool is_passed_over(std::string_view line, std::size_t column) noexcept
    {
        const auto first = line.find_first_not_of(" \t\r\n");
        return first == std::string_view::npos || (line[first] == '#' && first <= column);
    }

    std::string_view text_;
};

}
