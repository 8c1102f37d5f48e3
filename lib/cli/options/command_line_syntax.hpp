#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace doks::cli {

/// The command line taken apart, every value still as it was written.
struct raw_options
{
    std::optional<std::string> help; ///< its text, where --help or --version was given
    std::string command;             ///< clusters, show, fetch, watch, save, remove, credential, ...

    std::optional<std::string> api_url, token_file, ca_file, proxy, timeout, attempts, connections, rate_limit,
        progress, output;
    std::vector<std::string> contexts;
    bool all_contexts = false, trace = false;

    std::string reference;
    std::optional<std::string> expiry, type, ids, out, fresh_for;
    std::vector<std::string> regions, tags;
    std::string prune; ///< `true` where it has no value
    bool all = false;

    std::vector<std::string> references;
    std::optional<std::string> kubeconfig, alias, collision;
    bool set_current_context = false, exec = false;

    std::optional<std::string> cache;
    bool no_cache = false;
    bool forget = false;

    std::string shell;
    std::vector<std::string> page;
};

/// `doks 0.1.0`
std::string program_version();

/// Where what is written comes to stand; `into` lives as long as the app is used.
void define_command_line(CLI::App& app, raw_options& into);

/** Names, places and help texts of all commands and options.

    Errors: `cli_error` (usage) where a command is missing, or an option is unknown, given twice or without its value.
*/
raw_options take_apart(std::vector<std::string> arguments);

}
