#pragma once

#include <string>

namespace CLI {
class App;
}

namespace doks::cli {

struct command_line;

/// `doks 0.2.0`
std::string program_version();

/** Defines names, places and help texts of all commands and options, and what parsing them fills.

    `into` outlives every use of the app.
*/
void define_command_line(CLI::App& app, command_line& into);

}
