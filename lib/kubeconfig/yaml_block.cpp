#include "kubeconfig/yaml_block.hpp"

#include <algorithm>
#include <optional>

namespace doks::kube {

namespace {

struct block_header
{
    bool folds = false;
    bool strips = false;
    bool keeps = false;
    std::size_t digit = 0; ///< 0 where there is none
};

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// Of the first `|` or `>` that stands by itself.
block_header read_header(std::string_view text)
{
    block_header found;
    for (auto at = text.find_first_of("|>"); at != text.npos; at = text.find_first_of("|>", at + 1)) {
        if (at > 0 && !is_blank(text[at - 1])) continue;
        found.folds = text[at] == '>';
        for (const char c : text.substr(at + 1)) {
            if (c >= '1' && c <= '9')
                found.digit = static_cast<std::size_t>(c - '0');
            else if (c == '-')
                found.strips = true;
            else if (c == '+')
                found.keeps = true;
            else
                break;
        }
        break;
    }
    return found;
}

/// The next line, without its end; the text goes on behind it.
std::string_view take_line(std::string_view& text)
{
    const auto end = std::min(text.find_first_of("\r\n"), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(end);
    text.remove_prefix(text.starts_with("\r\n") ? 2 : std::min<std::size_t>(1, text.size()));
    return line;
}

std::size_t spaces_of(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }

/// That of the first line that is not blank; nothing where a blank one before it has more.
std::optional<std::size_t> indentation_of(std::string_view block)
{
    std::size_t most = 0;
    while (!block.empty()) {
        const auto line = take_line(block);
        const auto spaces = spaces_of(line);
        most = std::max(most, spaces);
        if (spaces < line.size()) return spaces < most ? std::nullopt : std::optional(spaces);
    }
    return most;
}

/// How many there are behind the rest of a line.
std::size_t blank_lines_of(std::string_view text)
{
    take_line(text);
    std::size_t count = 0;
    for (; !text.empty(); ++count) take_line(text);
    return count;
}

}

boost::system::result<secret_bytes, refusal> block_text(
    std::string_view header, std::string_view block, std::size_t parent)
{
    secret_bytes text;
    const auto last = block.find_last_not_of(" \t\r\n");
    if (last == block.npos) return text;
    const auto how = read_header(header);
    const auto indentation = how.digit == 0 ? indentation_of(block) : std::optional(parent + how.digit);
    if (!indentation) return refusal{"it has a text of several lines whose indentation is not clear"};
    auto rest = block.substr(0, std::min(block.find_first_of("\r\n", last), block.size()));
    text.reserve(rest.size() + 1);
    while (!rest.empty()) {
        auto line = take_line(rest);
        line.remove_prefix(std::min(spaces_of(line), *indentation));
        if (how.folds && (line.empty() || is_blank(line.front())))
            return refusal{"it has a folded text with blank or deeper lines, which no kubeconfig needs"};
        text.insert(text.end(), line.begin(), line.end());
        if (!rest.empty()) text.push_back(how.folds ? ' ' : '\n');
    }
    if (!how.strips) text.push_back('\n');
    if (how.keeps) text.insert(text.end(), blank_lines_of(block.substr(last)), '\n');
    return text;
}

}
