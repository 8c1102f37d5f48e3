#include "cli/doctl_config.hpp"

#include "cli/problem.hpp"
#include "cli/secret_input.hpp"
#include "cli/text.hpp"
#include "kubeconfig/screen.hpp"
#include "kubeconfig/yaml_document.hpp"

#include <algorithm>
#include <fstream>
#include <utility>

namespace doks::cli {

namespace {

using kube::yaml_node;

constexpr std::string_view default_context = "default";

std::string_view text_of(const yaml_node* value)
{
    if (!value || value->is != yaml_node::kind::scalar || value->is_null()) return {};
    return value->text;
}

problem broken(const std::filesystem::path& where, const std::string& why)
{
    return usage_problem("doctl's configuration " + in_quotes(where.native()), why,
        "run 'doctl auth init', or put the token into DIGITALOCEAN_TOKEN");
}

std::vector<doctl_context> contexts_in(const yaml_node& root)
{
    std::vector<doctl_context> contexts;
    if (auto token = text_of(root.find("access-token")); !token.empty())
        contexts.push_back({std::string(default_context), secret(token)});
    const yaml_node* named = root.find("auth-contexts");
    if (!named || named->is != yaml_node::kind::mapping) return contexts;
    for (const yaml_node* each = named->children; each; each = each->next)
        if (each->key != default_context) contexts.push_back({std::string(each->key), secret(text_of(each))});
    return contexts;
}

}

std::filesystem::path doctl_config_path(const environment& variables)
{
    if (auto configuration = variables("XDG_CONFIG_HOME"))
        return std::filesystem::path(*configuration) / "doctl" / "config.yaml";
    if (auto home = variables("HOME")) return std::filesystem::path(*home) / ".config" / "doctl" / "config.yaml";
    return {};
}

doctl_config::doctl_config(std::string_view yaml, std::filesystem::path where)
    : where_(std::move(where))
    , current_(default_context)
{
    if (trimmed(yaml).empty()) return;
    if (auto fault = kube::why_not_text(yaml)) throw broken(where_, *fault);
    auto document = kube::yaml_document::parse(yaml);
    if (!document) throw broken(where_, document.error().reason);
    const yaml_node& root = document->root();
    if (root.is != yaml_node::kind::mapping) throw broken(where_, "it is no YAML mapping");
    contexts_ = contexts_in(root);
    if (auto current = text_of(root.find("context")); !current.empty()) current_ = current;
}

std::optional<doctl_config> doctl_config::find(const environment& variables)
{
    auto path = doctl_config_path(variables);
    std::ifstream input(path, std::ios::binary);
    if (path.empty() || !input) return std::nullopt;
    auto bytes = read_all(input);
    return doctl_config(view(bytes), std::move(path));
}

const doctl_context* doctl_config::find_context(std::string_view name) const noexcept
{
    auto found =
        std::find_if(contexts_.begin(), contexts_.end(), [&](const doctl_context& each) { return each.name == name; });
    return found == contexts_.end() ? nullptr : &*found;
}

std::optional<secret> doctl_config::current_token() const
{
    const doctl_context* found = find_context(current_);
    if (found && !found->token.empty()) return found->token;
    if (current_ == default_context) return std::nullopt;
    throw broken(where_, "its context " + in_quotes(current_) + " has no token");
}

}
