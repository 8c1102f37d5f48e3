#include "cli/options/options.hpp"

#include "cli/options/command_line_syntax.hpp"
#include "cli/output/cli_error.hpp"
#include "cli/output/text.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <utility>

namespace doks::cli {

namespace {

/** What is at fault, in words.

    Of arguments that were not understood only the first one is named, without a value: it may be a token.
*/
std::string fault_text(const CLI::App& app, const CLI::ParseError& fault)
{
    auto unknown = app.remaining(true);
    if (unknown.empty()) return fault.what();
    const std::string& first = unknown.front();
    return "there is no " + std::string(first.front() == '-' ? "option " : "command ") +
           in_quotes(first.substr(0, first.find('=')));
}

}

command_line parse_command_line(std::vector<std::string> arguments)
{
    command_line line;
    CLI::App app;
    define_command_line(app, line);
    std::reverse(arguments.begin(), arguments.end());
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
        line.command = help_command{app.help()};
    } catch (const CLI::CallForVersion&) {
        line.command = help_command{app.version() + '\n'};
    } catch (const CLI::ParseError& fault) {
        throw usage_error(
            "command line", fault_text(app, fault), "'doks --help' and 'doks COMMAND --help' tell how it is used");
    }
    return line;
}

}
