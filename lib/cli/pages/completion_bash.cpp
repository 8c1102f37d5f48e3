#include "cli/pages/completion.hpp"

#include <set>

namespace doks::cli {

namespace {

constexpr auto prologue = R"(# bash completion for doks

_doks_paths()
{
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
}

_doks_words()
{
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_doks()
{
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command='' words='' i
    COMPREPLY=()
    # bash takes --option=value for three words.
    if [[ $current == = ]]; then
        current=''
    elif [[ $previous == = ]]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i - 1]} in
)";

constexpr auto epilogue = R"(    esac
    _doks_words "$words" "$current"
}

complete -F _doks doks
)";

std::string value_completion(const option_syntax& option)
{
    if (option.value == "FILE") return "_doks_paths -f \"$current\"";
    if (option.value == "DIR") return "_doks_paths -d \"$current\"";
    const auto choices = option.choices();
    return choices.empty() ? "" : "_doks_words " + in_shell_quotes(joined(choices)) + " \"$current\"";
}

std::string line_of_values(const std::string& pattern, const option_syntax& option)
{
    const auto how = value_completion(option);
    return "    " + pattern + ":" + option.name + ") " + how + (how.empty() ? "" : "; ") + "return ;;\n";
}

std::string words_of(const command_syntax& command, const command_syntax& top)
{
    std::vector<std::string> words;
    std::set<std::string> own;
    for (const auto& each : command.commands) words.push_back(each.words.back());
    for (const auto& each : command.options)
        for (const auto& choice : each.is_operand() ? each.choices() : std::vector<std::string>())
            words.push_back(choice);
    for (const auto& each : command.options)
        if (!each.is_operand() && own.insert(each.name).second) words.push_back(each.name);
    for (const auto& each : top.options)
        if (!own.contains(each.name)) words.push_back(each.name);
    return joined(words);
}

}

std::string bash_completion(const command_syntax& top)
{
    std::vector<std::string> steps;
    std::string values, choices;
    for (const auto* command : flattened(top)) {
        const auto name = in_shell_quotes(command->name());
        for (const auto& each : command->commands) steps.push_back(name + "/" + each.words.back());
        choices += "    " + name + ") words=" + in_shell_quotes(words_of(*command, top)) + " ;;\n";
        if (command == &top) continue;
        for (const auto& each : command->options)
            if (!each.is_flag() && !each.is_operand()) values += line_of_values(name, each);
    }
    for (const auto& each : top.options)
        if (!each.is_flag()) values += line_of_values("*", each);
    std::string script = prologue;
    script += "        " + joined(options_with_values(top), "|") + "|=) continue ;;\n        esac\n";
    script += "        case $command/${COMP_WORDS[i]} in\n        " + joined(steps, " | ") + ")\n";
    script += "            command=${command:+$command }${COMP_WORDS[i]} ;;\n        esac\n    done\n";
    script += "    case $command:$previous in\n" + values + "    esac\n";
    return script + "    case $command in\n" + choices + epilogue;
}

}
