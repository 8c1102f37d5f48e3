#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace doks::cli {

/// An option or a positional argument.
struct option_syntax
{
    std::string name;  ///< `--expiry`, or `CLUSTER`
    std::string value; ///< what it takes: `D`, `FILE`, `DIR`, `token|sso`; empty for a flag
    std::string description;
    bool required = false;
    bool repeatable = false;

    bool is_operand() const { return name.front() != '-'; }
    bool is_flag() const { return value.empty() && !is_operand(); }
    /// The words that there are to choose from; none where the value is of another kind.
    std::vector<std::string> choices() const;
};

/// A command, or the program itself, whose `words` are none and whose options every command takes.
struct command_syntax
{
    std::vector<std::string> words; ///< `kubeconfig`, `fetch`
    std::string description;
    std::string footnote;
    std::vector<option_syntax> options; ///< in the order of the help
    std::vector<command_syntax> commands;

    /// `kubeconfig fetch`
    std::string name(std::string_view between = " ") const;
};

/// The whole command line, as it is defined.
command_syntax syntax_of_command_line();

/// The command itself and all below it, top down.
std::vector<const command_syntax*> flattened(const command_syntax& top);

}
