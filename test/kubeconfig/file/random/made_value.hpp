#pragma once

#include <string>
#include <utility>
#include <vector>

/// A value of YAML that a test makes up.
struct made_value
{
    std::string text{};
    std::vector<std::pair<std::string, made_value>> pairs{};
    std::vector<made_value> items{};

    bool is_scalar() const { return pairs.empty() && items.empty(); }
};

made_value scalar(std::string text);
made_value mapping(std::vector<std::pair<std::string, made_value>> of);
made_value list_of(const std::vector<std::string>& texts);

/// In double quotes.
std::string in_double_quotes(const std::string& text);
/// In one line, as JSON.
std::string in_brackets(const made_value& of);
/// In lines of their own, with a line end each.
std::string in_lines(const made_value& of, const std::string& indent);
