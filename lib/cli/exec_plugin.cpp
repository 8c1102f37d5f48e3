#include "cli/exec_plugin.hpp"

#include "cli/duration.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

namespace doks::cli {

namespace {

std::string absolute(const std::string& file) { return std::filesystem::absolute(file).lexically_normal(); }

/// Where a shell found it; the name itself where nothing is known.
std::string in_search_path(const std::string& name, std::string_view path)
{
    while (!path.empty()) {
        const auto end = std::min(path.find(':'), path.size());
        const auto candidate = std::filesystem::path(path.substr(0, end)) / name;
        if (::access(candidate.c_str(), X_OK) == 0) return absolute(candidate);
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return name;
}

}

std::string path_of_program(const std::string& called_as, const environment& variables)
{
    if (called_as.find('/') != std::string::npos) return absolute(called_as);
    return in_search_path(called_as, variables("PATH").value_or(""));
}

exec_entry credential_plugin(std::string program, const std::string& cluster_id,
    std::optional<std::chrono::seconds> expiry, const global_options& global, const environment& variables)
{
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

}
