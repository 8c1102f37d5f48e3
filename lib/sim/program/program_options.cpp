#include "sim/program/program_options.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

namespace doks::sim::program {

namespace {

constexpr auto about = "Serves a simulator of DigitalOcean's Kubernetes API on a loopback port. With -- COMMAND... it "
                       "runs the command against the simulator and ends with it.";

constexpr auto footnote = R"(
  doks-sim --clusters 1000 -- doks kubeconfig fetch --all --out DIR

The command runs with DIGITALOCEAN_API_URL, DIGITALOCEAN_TOKEN and SSL_CERT_FILE set; DIGITALOCEAN_CONTEXT is unset, and
NO_PROXY names the simulator's address. Signals sent to doks-sim are passed on to the command. The exit status is the
command's; 128 plus the signal's number if a signal killed the command; 126 or 127 if the command could not be started.

Without a command, doks-sim prints one JSON line {"url","ca_file","token"} when it is ready, and serves until SIGINT,
SIGTERM or SIGHUP. The exit status is 0 then, 1 if the simulator could not be started, and 2 if the command line is wrong.)";

std::string fault_help()
{
    std::string kinds;
    for (const std::string& kind : fault_kinds()) kinds.append(kinds.empty() ? "" : ", ").append(kind);
    return "What goes wrong how often, such as mixed=10%: " + kinds;
}

/** An option that `parse` reads; the parser's std::invalid_argument becomes an error of the command line. */
template <class Value>
CLI::Option* add_parsed(
    CLI::App& app, const std::string& name, Value& value, Value (*parse)(std::string_view), const std::string& help)
{
    auto read = [name, &value, parse](const std::string& text) {
        try {
            value = parse(text);
        } catch (const std::invalid_argument& error) {
            throw CLI::ValidationError(name, error.what());
        }
    };
    return app.add_option_function<std::string>(name, read, help);
}

void define_options(CLI::App& app, options& simulator)
{
    app.add_option("--clusters", simulator.clusters, "Clusters of the account, 3 by default")
        ->type_name("N")
        ->check(CLI::Range(0, 1'000'000).description(""));
    app.add_option("--port", simulator.port, "Port of the API, any free one by default")->type_name("P");
    add_parsed(app, "--rate-limit", simulator.limit, parse_rate_limit, "N/D[,N/D] or off, 250/1m,5000/1h by default")
        ->type_name("LIMITS");
    add_parsed(app, "--fault", simulator.faults, parse_faults, fault_help())->type_name("KIND=RATE,...");
    add_parsed(app, "--latency", simulator.latency, parse_latency, "One-way latency")->type_name("D[..D]");
    app.add_option("--journal", simulator.journal_file, "One JSON line per request and mint, no secrets")
        ->type_name("FILE");
    const std::map<std::string, bool> kube_names{{"local", false}, {"real", true}};
    app.add_option("--kube-names", simulator.real_kube_names,
           "Servers in kubeconfigs: local (usable) or real (DigitalOcean's names)")
        ->transform(CLI::CheckedTransformer(kube_names).description(""))
        ->type_name("local|real");
}

/** Cuts off everything from the first `--`, and returns what follows it. Errors: usage_error if nothing does. */
std::vector<std::string> take_command(std::vector<std::string>& arguments)
{
    auto separator = std::find(arguments.begin(), arguments.end(), "--");
    if (separator == arguments.end()) return {};
    std::vector<std::string> command(std::next(separator), arguments.end());
    if (command.empty()) throw usage_error("no command follows --");
    arguments.erase(separator, arguments.end());
    return command;
}

}

program_options parse_program_options(std::vector<std::string> arguments)
{
    program_options parsed;
    parsed.command = take_command(arguments);
    CLI::App app(about, "doks-sim");
    app.set_version_flag("--version", "doks-sim " DOKS_VERSION);
    app.footer(footnote);
    define_options(app, parsed.simulator);
    std::reverse(arguments.begin(), arguments.end());
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
        parsed.help = app.help();
    } catch (const CLI::CallForVersion&) {
        parsed.help = app.version() + '\n';
    } catch (const CLI::ParseError& error) {
        throw usage_error(error.what());
    }
    return parsed;
}

}
