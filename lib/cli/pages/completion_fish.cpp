#include "cli/pages/completion.hpp"

namespace doks::cli {

namespace {

constexpr auto words_so_far = R"fish(        case '-*'
        case '*'
            set -a command $word
        end
    end
    string join ' ' -- $command
end

# No more than this command stands on the line.
function __doks_at
    set -l command (__doks_command)
    test "$command" = "$argv"
end

# This command does, whatever follows it.
function __doks_in
    set -l command (__doks_command)
    string match -q -- "$argv *" "$command "
end

complete -c doks -f
)fish";

std::string in_fish_quotes(std::string_view text) { return "'" + escaped(text, "'\\") + "'"; }

std::string value_of(const option_syntax& option)
{
    if (option.is_flag()) return "";
    if (option.value == "FILE") return " -r -F";
    if (option.value == "DIR") return " -x -a '(__fish_complete_directories (commandline -ct))'";
    const auto choices = option.choices();
    return choices.empty() ? " -x" : " -x -a " + in_fish_quotes(joined(choices));
}

std::string line_of(const option_syntax& option, const std::string& condition)
{
    const auto begin = "complete -c doks" + condition;
    if (!option.is_operand())
        return begin + " -l " + option.name.substr(2) + value_of(option) + " -d " + in_fish_quotes(option.description) +
               "\n";
    const auto choices = option.choices();
    return choices.empty() ? "" : begin + " -a " + in_fish_quotes(joined(choices)) + "\n";
}

std::string condition_of(const command_syntax& command, std::string_view function)
{
    return " -n " + in_fish_quotes(std::string(function) + (command.words.empty() ? "" : " ") + command.name());
}

}

std::string fish_completion(const command_syntax& top)
{
    std::string script =
        "# fish completion for doks\n\nfunction __doks_command\n    set -l command\n    set -l value no\n";
    script += "    for word in (commandline -opc)[2..]\n        if test $value = yes\n            set value no\n";
    script += "            continue\n        end\n        switch $word\n        case " +
              joined(options_with_values(top)) + "\n            set value yes\n";
    script += words_so_far;
    for (const auto* command : flattened(top)) {
        for (const auto& each : command->commands)
            script += "complete -c doks" + condition_of(*command, "__doks_at") + " -a " + each.words.back() + " -d " +
                      in_fish_quotes(each.description) + "\n";
        const auto condition = command == &top ? std::string() : condition_of(*command, "__doks_in");
        for (const auto& each : command->options)
            if (command == &top || each.name != "--help") script += line_of(each, condition);
    }
    return script;
}

}
