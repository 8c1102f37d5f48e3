#include "cli/tokens/doctl_config.hpp"

#include "cli/output/cli_error.hpp"
#include "cli/output/text.hpp"
#include "cli/tokens/secret_input.hpp"
#include "cli/tokens/yaml_reader.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

namespace doks::cli {

namespace {

constexpr std::string_view default_context = "default";

cli_error unreadable(const std::filesystem::path& file, bool is_named, const std::string& why)
{
    const std::string place = is_named ? "DIGITALOCEAN_CONFIG " : "doctl's configuration ";
    return usage_error(place + in_quotes(file.native()), why,
        is_named ? "unset it, or have it name the file that doctl uses" : "see who may read it");
}

cli_error broken(const std::filesystem::path& where, const std::string& why)
{
    return usage_error("doctl's configuration " + in_quotes(where.native()), why,
        "run 'doctl auth init', or put the token into DIGITALOCEAN_TOKEN");
}

yaml_reader::node value_of(const yaml_reader::mapping& entries, std::string_view key)
{
    const auto found =
        std::find_if(entries.begin(), entries.end(), [&](const auto& each) { return each.first == key; });
    return found == entries.end() ? nullptr : found->second;
}

/// Those of `auth-contexts`, behind the default one.
void add_named(std::vector<doctl_context>& contexts, const yaml_reader::mapping& named)
{
    for (const auto& [key, value] : named) {
        auto name = doctl_name(key);
        if (name == default_context) continue;
        const auto same = [&](const doctl_context& other) { return other.name == name; };
        const auto twin = std::find_if(contexts.begin(), contexts.end(), same);
        if (twin != contexts.end())
            twin->is_ambiguous = true;
        else
            contexts.push_back({std::move(name), secret(yaml_reader::text(value))});
    }
}

/// No file counts as an empty one, as it does for doctl; but one that was named is missed.
std::optional<secret_bytes> bytes_of(const std::filesystem::path& file, bool is_named)
{
    errno = 0;
    std::ifstream input(file, std::ios::binary);
    const auto error = errno;
    if (!input && !is_named && (error == ENOENT || error == ENOTDIR)) return std::nullopt;
    if (!input) throw unreadable(file, is_named, std::generic_category().message(error));
    auto bytes = read_all(input);
    if (input.bad()) throw unreadable(file, is_named, "it is no file that can be read");
    return bytes;
}

}

std::string doctl_name(std::string_view name) { return lower_case(name); }

std::filesystem::path doctl_config_path(const environment& variables)
{
    if (auto file = variables("DIGITALOCEAN_CONFIG")) return *file;
    if (auto configuration = variables("XDG_CONFIG_HOME"))
        return std::filesystem::path(*configuration) / "doctl" / "config.yaml";
    return doctl_config_in_home(variables);
}

std::filesystem::path doctl_config_in_home(const environment& variables)
{
    if (auto home = variables("HOME")) return std::filesystem::path(*home) / ".config" / "doctl" / "config.yaml";
    return {};
}

doctl_config::doctl_config(std::string_view bytes, std::filesystem::path where)
    : where_(std::move(where))
    , current_(default_context)
{
    yaml_reader text(bytes);
    if (!text.fault().empty()) throw broken(where_, text.fault());
    if (!text.root() || yaml_reader::is_null(text.root())) return;
    const auto entries = text.entries(text.root());
    if (!entries) throw broken(where_, "it is no YAML mapping, or has a key twice");
    if (auto token = yaml_reader::text(value_of(*entries, "access-token")); !token.empty())
        contexts_.push_back({std::string(default_context), secret(token)});
    if (auto* named = value_of(*entries, "auth-contexts"); named && !yaml_reader::is_null(named)) {
        const auto known = text.entries(named);
        if (!known) throw broken(where_, "its auth-contexts are no YAML mapping, or have a key twice");
        add_named(contexts_, *known);
    }
    if (auto current = yaml_reader::text(value_of(*entries, "context")); !current.empty())
        current_ = doctl_name(current);
}

std::optional<doctl_config> doctl_config::find(const environment& variables)
{
    auto path = doctl_config_path(variables);
    if (path.empty()) return std::nullopt;
    auto bytes = bytes_of(path, variables("DIGITALOCEAN_CONFIG").has_value());
    if (!bytes) return std::nullopt;
    return doctl_config(view(*bytes), std::move(path));
}

const doctl_context* doctl_config::find_context(std::string_view name) const
{
    const auto known_as = doctl_name(name);
    auto found = std::find_if(
        contexts_.begin(), contexts_.end(), [&](const doctl_context& each) { return each.name == known_as; });
    return found == contexts_.end() ? nullptr : &*found;
}

std::optional<secret> doctl_config::current_token() const
{
    const doctl_context* found = find_context(current_);
    if (found && found->is_ambiguous)
        throw broken(where_, "it has its context " + in_quotes(current_) + " twice, in upper and in lower case");
    if (found && !found->token.empty()) return found->token;
    if (current_ == default_context) return std::nullopt;
    throw broken(where_, "its context " + in_quotes(current_) + " has no token");
}

}
