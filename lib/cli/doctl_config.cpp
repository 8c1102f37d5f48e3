#include "cli/doctl_config.hpp"

#include "cli/problem.hpp"
#include "cli/secret_input.hpp"
#include "cli/text.hpp"
#include "core/http/response_headers.hpp"
#include "kubeconfig/read/text_precheck.hpp"
#include "yaml/document.hpp"
#include "yaml/encoding.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

namespace doks::cli {

namespace {

constexpr std::string_view default_context = "default";

std::string_view text_of(const yaml::node* value)
{
    if (!value || value->is != yaml::node::kind::scalar || value->is_null()) return {};
    return value->text;
}

problem unreadable(const std::filesystem::path& file, bool is_named, const std::string& why)
{
    const std::string place = is_named ? "DIGITALOCEAN_CONFIG " : "doctl's configuration ";
    return usage_problem(place + in_quotes(file.native()), why,
        is_named ? "unset it, or have it name the file that doctl uses" : "see who may read it");
}

problem broken(const std::filesystem::path& where, const std::string& why)
{
    return usage_problem("doctl's configuration " + in_quotes(where.native()), why,
        "run 'doctl auth init', or put the token into DIGITALOCEAN_TOKEN");
}

std::vector<doctl_context> contexts_in(const yaml::node& root)
{
    std::vector<doctl_context> contexts;
    if (auto token = text_of(root.find("access-token")); !token.empty())
        contexts.push_back({std::string(default_context), secret(token)});
    const yaml::node* named = root.find("auth-contexts");
    if (!named || named->is != yaml::node::kind::mapping) return contexts;
    for (const yaml::node* each = named->children; each; each = each->next) {
        auto name = doctl_name(each->key);
        if (name == default_context) continue;
        const auto same = [&](const doctl_context& other) { return other.name == name; };
        const auto twin = std::find_if(contexts.begin(), contexts.end(), same);
        if (twin != contexts.end())
            twin->is_ambiguous = true;
        else
            contexts.push_back({std::move(name), secret(text_of(each))});
    }
    return contexts;
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

std::string doctl_name(std::string_view name) { return core::lower_case(name); }

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
    const auto text = yaml::to_utf8({bytes.begin(), bytes.end()});
    if (!text) throw broken(where_, text.error().reason);
    const auto document = yaml::document::parse(view(*text));
    if (!document) throw broken(where_, document.error().reason);
    const yaml::node& root = document->root();
    if (root.is_null()) return;
    if (root.is != yaml::node::kind::mapping) throw broken(where_, "it is no YAML mapping");
    contexts_ = contexts_in(root);
    if (auto current = text_of(root.find("context")); !current.empty()) current_ = doctl_name(current);
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
