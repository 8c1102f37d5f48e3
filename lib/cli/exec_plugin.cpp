#include "cli/exec_plugin.hpp"

#include "cli/duration.hpp"
#include "cli/problem.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include <filesystem>
#include <utility>

namespace doks::cli {

namespace {

std::string absolute(const std::string& file) { return std::filesystem::absolute(file).lexically_normal(); }

/// JSON's strings are YAML's, whatever is in them.
std::string in_json_quotes(const std::string& text) { return boost::json::serialize(boost::json::string(text)); }

}

exec_entry credential_plugin(std::string program, const std::string& cluster_id,
    std::optional<std::chrono::seconds> expiry, const global_options& global, const environment& variables)
{
    if (global.token_file == "-")
        throw usage_problem("--token-file - with --exec", "kubectl's plugin cannot read this standard input again",
            "name a file that stays");
    exec_entry entry;
    entry.api_version = "client.authentication.k8s.io/v1beta1";
    entry.command = std::move(program);
    entry.arguments = {"credential", cluster_id};
    const auto add = [&](const char* option, const std::string& value) {
        entry.arguments.insert(entry.arguments.end(), {option, value});
    };
    if (expiry) add("--expiry", duration_argument(*expiry));
    if (global.api_url)
        add("--api-url", *global.api_url);
    else if (const auto url = variables("DIGITALOCEAN_API_URL"))
        add("--api-url", std::string(*url));
    if (!global.contexts.names.empty()) add("--context", global.contexts.names.front());
    if (global.token_file) add("--token-file", absolute(*global.token_file));
    if (global.ca_file) add("--ca-file", absolute(*global.ca_file));
    if (global.proxy) add("--proxy", *global.proxy);
    if (global.timeout) add("--timeout", duration_argument(*global.timeout));
    if (global.attempts) add("--attempts", std::to_string(*global.attempts));
    return entry;
}

std::string exec_lines(const exec_entry& entry, std::size_t indentation)
{
    const std::string begin(indentation, ' ');
    std::string text = begin + "exec:\n" + begin + "  apiVersion: " + entry.api_version + "\n" + begin + "  args:\n";
    for (const auto& each : entry.arguments)
        text.append(begin).append("  - ").append(in_json_quotes(each)).append("\n");
    text += begin + "  command: " + in_json_quotes(entry.command) + "\n";
    text += begin + (entry.environment.empty() ? "  env: null\n" : "  env:\n");
    for (const auto& [name, value] : entry.environment) {
        text.append(begin).append("  - name: ").append(in_json_quotes(name)).append("\n");
        text.append(begin).append("    value: ").append(in_json_quotes(value)).append("\n");
    }
    return text + begin + "  interactiveMode: Never\n" + begin + "  provideClusterInfo: false\n";
}

}
