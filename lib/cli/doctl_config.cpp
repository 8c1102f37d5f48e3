#include "cli/doctl_config.hpp"

#include "cli/problem.hpp"
#include "cli/text.hpp"
#include "kubeconfig/screen.hpp"
#include "kubeconfig/yaml_document.hpp"

#include <string>

namespace doks::cli {

namespace {

using kube::yaml_node;

std::string_view scalar_at(const yaml_node* mapping, std::string_view key)
{
    const yaml_node* value = mapping ? mapping->find(key) : nullptr;
    if (!value || value->is != yaml_node::kind::scalar || value->is_null()) return {};
    return value->text;
}

}

std::filesystem::path doctl_config_path(const environment& variables)
{
    if (auto configuration = variables("XDG_CONFIG_HOME"))
        return std::filesystem::path(*configuration) / "doctl" / "config.yaml";
    if (auto home = variables("HOME")) return std::filesystem::path(*home) / ".config" / "doctl" / "config.yaml";
    return {};
}

std::optional<secret> token_of_doctl(std::string_view yaml, const std::filesystem::path& where)
{
    if (trimmed(yaml).empty()) return std::nullopt;
    auto broken = [&](const std::string& why) {
        return usage_problem("doctl's configuration " + in_quotes(where.native()), why,
            "run 'doctl auth init', or put the token into DIGITALOCEAN_TOKEN");
    };
    if (auto fault = kube::why_not_text(yaml)) throw broken(*fault);
    auto document = kube::yaml_document::parse(yaml);
    if (!document) throw broken(document.error().reason);
    const yaml_node& root = document->root();
    if (root.is != yaml_node::kind::mapping) throw broken("it is no YAML mapping");
    auto context = scalar_at(&root, "context");
    bool is_default = context.empty() || context == "default";
    auto token = is_default ? scalar_at(&root, "access-token") : scalar_at(root.find("auth-contexts"), context);
    if (!token.empty()) return secret(token);
    if (!is_default) throw broken("its context " + in_quotes(context) + " has no token");
    return std::nullopt;
}

}
