#pragma once

#include "cli/options/options.hpp"
#include "cli/pages/syntax_tree.hpp"

#include <string>
#include <string_view>

namespace doks::cli {

/** The shell's completion of the command line: commands, options, their choices, files and directories.

    A whole script; bash's needs no bash-completion, zsh's may be autoloaded as `_doks` or sourced. No script
    runs a program.
*/
std::string completion_script(shell of, const command_syntax& top);

std::string bash_completion(const command_syntax& top);
std::string zsh_completion(const command_syntax& top);
std::string fish_completion(const command_syntax& top);

/// The text with `by` in front of every character that is one of `special`.
std::string escaped(std::string_view text, std::string_view special, std::string_view by = "\\");
/// In single quotes, for bash and zsh.
std::string in_shell_quotes(std::string_view text);
std::string joined(const std::vector<std::string>& words, std::string_view between = " ");
/// The names of all options that take a value.
std::vector<std::string> options_with_values(const command_syntax& top);

}
