#pragma once

#include <doks/sim/options.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace doks::sim::program {

/** What the command line of doks-sim asks for. */
struct program_options
{
    options simulator{};
    std::vector<std::string> command{}; ///< With its arguments; empty: serve until a signal.
    std::optional<std::string> help{};  ///< The text to print instead, after --help or --version.
};

/** The command line is wrong; the message names the option. */
class usage_error : public std::runtime_error
{
public:
    using std::runtime_error::runtime_error;
};

/** Reads the arguments, without the program's own name. Everything after the first `--` is the command.

    Errors: usage_error.
*/
program_options parse_program_options(std::vector<std::string> arguments);

}
