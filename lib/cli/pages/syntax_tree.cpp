#include "cli/pages/syntax_tree.hpp"

#include "cli/options/command_line_syntax.hpp"
#include "cli/options/options.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <sstream>
#include <utility>

namespace doks::cli {

namespace {

option_syntax option_of(const CLI::Option& option)
{
    option_syntax syntax;
    const bool operand = option.get_positional();
    syntax.name = operand ? option.get_name(true) : "--" + option.get_lnames().front();
    if (option.get_items_expected_max() != 0) syntax.value = option.get_type_name();
    syntax.description = option.get_description();
    syntax.required = option.get_required();
    syntax.repeatable = option.get_expected_max() > 1;
    return syntax;
}

command_syntax command_of(const CLI::App& app, std::vector<std::string> words)
{
    command_syntax syntax;
    syntax.words = std::move(words);
    syntax.description = app.get_description();
    syntax.footnote = app.get_footer();
    for (const CLI::Option* each : app.get_options()) syntax.options.push_back(option_of(*each));
    for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; })) {
        auto below = syntax.words;
        below.push_back(each->get_name());
        syntax.commands.push_back(command_of(*each, std::move(below)));
    }
    return syntax;
}

void flatten(const command_syntax& top, std::vector<const command_syntax*>& into)
{
    into.push_back(&top);
    for (const auto& each : top.commands) flatten(each, into);
}

}

std::vector<std::string> option_syntax::choices() const
{
    std::vector<std::string> words;
    if (value.find('|') == std::string::npos) return words;
    std::istringstream text(value);
    for (std::string word; std::getline(text, word, '|');) words.push_back(word);
    return words;
}

std::string command_syntax::name(std::string_view between) const
{
    std::string joined;
    for (const auto& word : words) joined.append(joined.empty() ? "" : between).append(word);
    return joined;
}

command_syntax syntax_of_command_line()
{
    command_line unused;
    CLI::App app;
    define_command_line(app, unused);
    return command_of(app, {});
}

std::vector<const command_syntax*> flattened(const command_syntax& top)
{
    std::vector<const command_syntax*> all;
    flatten(top, all);
    return all;
}

}
