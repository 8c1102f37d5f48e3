#include "cli/pages/completion.hpp"

namespace doks::cli {

namespace {

constexpr auto epilogue = R"(
if [[ $funcstack[1] == _doks ]]; then
    _doks "$@"
else
    compdef _doks doks
fi
)";

std::string action_of(const option_syntax& option)
{
    if (option.value == "FILE") return "_files";
    if (option.value == "DIR") return "_files -/";
    const auto choices = option.choices();
    return choices.empty() ? " " : "(" + joined(choices) + ")";
}

/// One argument of `_arguments`. Source: zshcompsys(1).
std::string spec_of(const option_syntax& option)
{
    const auto message =
        ":" + escaped(option.is_operand() ? option.name : option.value, ":\\") + ":" + action_of(option);
    if (option.is_operand()) return in_shell_quotes((option.repeatable ? "*" : "") + message);
    std::string spec = option.repeatable ? "*" : "";
    spec += option.name + (option.is_flag() ? "[" : "=[") + escaped(option.description, "[]\\:") + "]";
    if (!option.is_flag()) spec += message;
    return in_shell_quotes(spec);
}

std::string function_of(const command_syntax& command)
{
    return command.words.empty() ? "_doks" : "_doks_" + command.name("_");
}

/// The shared options, less those that the command has itself.
std::string specs_of(const command_syntax& command, const command_syntax& top)
{
    std::string specs, shared = "$shared";
    for (const auto& each : command.options) {
        const bool is_help = each.name == "--help";
        if (&command == &top && !is_help) continue;
        specs += " \\\n        " + spec_of(each);
        for (const auto& other : top.options)
            if (!is_help && other.name == each.name) shared = "\"${(@)shared:#" + each.name + "=*}\"";
    }
    return " " + shared + specs;
}

std::string shared_specs(const command_syntax& top)
{
    std::string specs;
    for (const auto& each : top.options)
        if (each.name != "--help") specs += "\n        " + spec_of(each);
    return specs;
}

/// With commands below it: which, and then its arguments.
std::string group_body(const command_syntax& command, const command_syntax& top)
{
    std::string text = "    local curcontext=$curcontext state line ret=1\n    typeset -A opt_args\n";
    text += "    _arguments -C" + specs_of(command, top) + " \\\n        '1: :->command' '*:: :->arguments' && ret=0\n";
    text += "    case $state in\n    command)\n        local -a commands=(\n";
    for (const auto& each : command.commands)
        text += "            " + in_shell_quotes(each.words.back() + ":" + escaped(each.description, ":\\")) + "\n";
    text += "        )\n        _describe command commands && ret=0\n        ;;\n    arguments)\n        case "
            "$words[1] in\n";
    for (const auto& each : command.commands)
        text += "        " + each.words.back() + ") " + function_of(each) + " && ret=0 ;;\n";
    return text + "        esac\n        ;;\n    esac\n    return ret\n";
}

}

std::string zsh_completion(const command_syntax& top)
{
    std::string script = "#compdef doks\n";
    for (const auto* command : flattened(top)) {
        script += "\n" + function_of(*command) + "() {\n";
        if (command == &top) script += "    local -a shared=(" + shared_specs(top) + ")\n";
        script +=
            command->commands.empty() ? "    _arguments" + specs_of(*command, top) + "\n" : group_body(*command, top);
        script += "}\n";
    }
    return script + epilogue;
}

}
