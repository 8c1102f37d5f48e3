#include "cli/pages/completion.hpp"

#include <set>

namespace doks::cli {

std::string completion_script(shell of, const command_syntax& top)
{
    switch (of) {
    case shell::bash:
        return bash_completion(top);
    case shell::zsh:
        return zsh_completion(top);
    case shell::fish:
        return fish_completion(top);
    }
    return {};
}

std::string escaped(std::string_view text, std::string_view special, std::string_view by)
{
    std::string result;
    for (const char c : text) {
        if (special.find(c) != std::string_view::npos) result.append(by);
        result += c;
    }
    return result;
}

std::string in_shell_quotes(std::string_view text)
{
    std::string quoted = "'";
    for (const char c : text) quoted.append(c == '\'' ? "'\\''" : std::string(1, c));
    return quoted + "'";
}

std::string joined(const std::vector<std::string>& words, std::string_view between)
{
    std::string text;
    for (const auto& word : words) text.append(text.empty() ? "" : between).append(word);
    return text;
}

std::vector<std::string> options_with_values(const command_syntax& top)
{
    std::set<std::string> names;
    for (const auto* command : flattened(top))
        for (const auto& option : command->options)
            if (!option.is_flag() && !option.is_operand()) names.insert(option.name);
    return {names.begin(), names.end()};
}

}
