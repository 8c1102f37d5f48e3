#include "cli/kubectl/exec_plugin.hpp"

#include "cli/options/duration.hpp"
#include "cli/output/cli_error.hpp"
#include "cli/output/text.hpp"
#include "cli/tokens/doctl_config.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

namespace doks::cli {

namespace {

/// Whatever the directory; a link stays one, and so does `..` behind it.
std::string anywhere(const std::filesystem::path& file) { return std::filesystem::absolute(file); }

bool is_program(const std::filesystem::path& file)
{
    std::error_code none;
    return std::filesystem::is_regular_file(file, none) && ::access(file.c_str(), X_OK) == 0;
}

/// As a shell looks for it: an empty directory is the current one.
std::optional<std::filesystem::path> in_search_path(const std::string& name, std::string_view path)
{
    for (std::size_t begin = 0; begin <= path.size();) {
        const auto end = std::min(path.find(':', begin), path.size());
        const auto candidate = std::filesystem::path(path.substr(begin, end - begin)) / name;
        if (is_program(candidate)) return candidate;
        begin = end + 1;
    }
    return std::nullopt;
}

}

std::string path_of_program(const std::string& called_as, const environment& variables)
{
    const bool is_path = called_as.find('/') != std::string::npos;
    if (is_path && is_program(called_as)) return anywhere(called_as);
    if (const auto found = in_search_path(called_as, variables("PATH").value_or("")); found && !is_path)
        return anywhere(*found);
    return std::filesystem::read_symlink("/proc/self/exe");
}

exec_entry credential_plugin(std::string program, const std::string& cluster_id,
    std::optional<std::chrono::seconds> expiry, const global_options& global, const environment& variables)
{
    exec_entry entry;
    entry.api_version = "client.authentication.k8s.io/v1beta1";
    entry.command = std::move(program);
    entry.arguments = {"credential", cluster_id};
    const auto add = [&](const std::string& option, const std::string& value) {
        if (value.starts_with('-'))
            entry.arguments.push_back(option + "=" + value); // else it would be taken for an option
        else
            entry.arguments.insert(entry.arguments.end(), {option, value});
    };
    if (expiry) add("--expiry", duration_argument(*expiry));
    if (global.api_url)
        add("--api-url", *global.api_url);
    else if (const auto url = variables("DIGITALOCEAN_API_URL"))
        add("--api-url", std::string(*url));
    if (!global.contexts.names.empty()) {
        add("--context", global.contexts.names.front());
        if (const auto file = doctl_config_path(variables); file != doctl_config_in_home(variables))
            entry.environment.emplace_back("DIGITALOCEAN_CONFIG", anywhere(file));
    }
    if (global.token_file) add("--token-file", anywhere(*global.token_file));
    if (global.ca_file) add("--ca-file", anywhere(*global.ca_file));
    if (global.proxy) add("--proxy", *global.proxy);
    if (global.timeout) add("--timeout", duration_argument(*global.timeout));
    if (global.attempts) add("--attempts", std::to_string(*global.attempts));
    return entry;
}

void require_writable(const exec_entry& entry)
{
    constexpr std::string_view context = "--context";
    constexpr std::string_view remedy = "give it another name, or save without --exec";
    constexpr std::string_view why =
        "it has control or format characters, and cannot go into the entry for kubectl's plugin";
    std::string_view option;
    for (const std::string& each : entry.arguments) {
        std::string_view value = each;
        if (const auto end = value.find('='); value.starts_with("--") && end != std::string_view::npos) {
            option = value.substr(0, end);
            value.remove_prefix(end + 1);
        }
        if (!is_printable(value))
            throw usage_error(
                (option == context ? "context" : std::string(option)) + " " + in_quotes(value), why, remedy);
        option = each;
    }
    if (!is_printable(entry.command)) throw usage_error("this program's path " + in_quotes(entry.command), why, remedy);
    for (const auto& [name, value] : entry.environment)
        if (!is_printable(value)) throw usage_error(name + " " + in_quotes(value), why, remedy);
}

void require_runnable(const exec_entry& entry, const std::string& cluster_id, const context_choice& contexts)
{
    const auto refused = [&](std::string why) {
        return failure(errc::invalid_argument, "the entry for kubectl's plugin of " + cluster_id,
            "'doks credential' would refuse it: " + std::move(why), "save the cluster without --exec");
    };
    std::optional<command_line> read;
    try {
        read = parse_command_line(entry.arguments);
    } catch (const cli_error& why) {
        throw refused(why.what());
    }
    const auto* command = std::get_if<credential_command>(&read->command);
    if (!command || command->id != cluster_id || read->global.contexts.names != contexts.names)
        throw refused("its arguments mean something else to doks");
}

}
