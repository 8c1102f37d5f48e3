#include "cli/pages/man_page.hpp"

#include "cli/options/command_line_syntax.hpp"
#include "cli/pages/completion.hpp"

#include <sstream>

namespace doks::cli {

namespace {

/// Its last paragraph in a help text; a page says it in a section.
constexpr std::string_view help_alone = "Options for every command: doks --help";

std::string roff(std::string_view text)
{
    std::string line;
    for (const char c : text) {
        if (c == '\\')
            line += "\\e";
        else if (c == '-')
            line += "\\-";
        else
            line += c;
    }
    const bool is_request = !line.empty() && (line.front() == '.' || line.front() == '\'');
    return (is_request ? "\\&" : "") + line;
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + roff(text) + "\\fR"; }

std::string page_name(const command_syntax& command)
{
    return "doks" + (command.words.empty() ? "" : "-" + command.name("-"));
}

std::string spoken_name(const command_syntax& command)
{
    return "doks" + (command.words.empty() ? "" : " " + command.name());
}

std::string heading(const command_syntax& command)
{
    std::string title = page_name(command);
    for (char& c : title) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    auto what = command.description;
    if (what.ends_with('.')) what.pop_back();
    return ".TH " + roff(title) + " 1 \"\" \"" + roff(program_version()) +
           "\" \"User Commands\"\n.nh\n.ad l\n.SH NAME\n" + roff(page_name(command)) + " \\- " + roff(what) + "\n";
}

std::string synopsis(const command_syntax& command)
{
    std::string text = ".SH SYNOPSIS\n" + bold(spoken_name(command));
    for (const auto& each : command.options)
        if (each.required && !each.is_operand()) text += " " + bold(each.name) + " " + italic(each.value);
    text += " [" + italic("OPTION") + "...]";
    if (!command.commands.empty()) text += " " + italic("COMMAND");
    for (const auto& each : command.options) {
        if (!each.is_operand()) continue;
        const auto operand = italic(each.name) + (each.repeatable ? "..." : "");
        text += each.required ? " " + operand : " [" + operand + "]";
    }
    return text + "\n";
}

/// Lines that are set in stay as they are, paragraphs are filled.
std::string prose(const std::string& footnote)
{
    std::istringstream lines(footnote);
    std::string text;
    bool apart = true, as_is = false;
    for (std::string line; std::getline(lines, line);) {
        if (line == help_alone) continue;
        const bool set_in = line.starts_with("  ");
        if (set_in != as_is) text += set_in ? ".PP\n.nf\n" : ".fi\n";
        if (line.empty()) {
            apart = true;
        } else {
            if (apart && !set_in) text += ".PP\n";
            text += roff(line) + "\n";
            apart = false;
        }
        as_is = set_in;
    }
    return text + (as_is ? ".fi\n" : "");
}

std::string description(const command_syntax& command)
{
    const auto sentence = command.description + (command.description.ends_with('.') ? "" : ".");
    return ".SH DESCRIPTION\n" + roff(sentence) + "\n" + prose(command.footnote);
}

std::string entry(const option_syntax& option)
{
    std::string text = ".TP\n" + (option.is_operand() ? italic(option.name) : bold(option.name));
    const auto choices = option.choices();
    if (!choices.empty())
        text += " " + bold(joined(choices, "|"));
    else if (!option.is_flag() && !option.is_operand())
        text += " " + italic(option.value);
    return text + "\n" + roff(option.description) + (option.repeatable && !option.is_operand() ? " (repeatable)" : "") +
           (option.required ? " (required)" : "") + "\n";
}

std::string entries(const command_syntax& command)
{
    std::string text;
    if (!command.commands.empty()) text += ".SH COMMANDS\n";
    for (const auto& each : command.commands)
        text += ".TP\n" + bold(each.words.back()) + "\n" + roff(each.description) + "\n";
    text += ".SH OPTIONS\n";
    for (const auto& each : command.options) text += entry(each);
    return text;
}

std::string see_also(const command_syntax& command, const command_syntax& top)
{
    std::string text = ".SH SEE ALSO\n", between;
    for (const auto* each : flattened(top)) {
        const bool near = command.words.empty() || each->words.empty() || each->words.front() == command.words.front();
        if (each == &command || !near) continue;
        text += between + ".BR " + roff(page_name(*each)) + " (1)";
        between = ",\n";
    }
    return text + "\n";
}

}

std::string man_page_file(const command_syntax& command) { return page_name(command) + ".1"; }

std::string man_page(const command_syntax& command, const command_syntax& top)
{
    auto page = heading(command) + synopsis(command) + description(command) + entries(command);
    if (!command.words.empty()) page += ".PP\nOptions for every command are in\n.BR doks (1).\n";
    return page + see_also(command, top);
}

}
