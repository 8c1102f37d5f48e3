#include "kubeconfig/file/ownership.hpp"

#include "kubeconfig/file/entry_update.hpp"
#include "kubeconfig/read/ascii.hpp"
#include "kubeconfig/read/server_key.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace doks::kube {

namespace {

template <class Test> bool consists_of(std::string_view text, Test test)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), test);
}

bool has_value(const yaml::draft* body, std::string_view key)
{
    const auto* found = body == nullptr ? nullptr : body->find(key);
    if (found == nullptr || found->is_null()) return false;
    return found->is == yaml::node::kind::scalar ? !found->text.empty() : !found->is_empty();
}

/// Those that have a value.
std::vector<std::string_view> keys_in(const yaml::draft* body)
{
    std::vector<std::string_view> keys;
    for (const auto key : credential_keys)
        if (has_value(body, key)) keys.push_back(key);
    return keys;
}

/// Settings or unknown keys, which the API does not give alone.
bool has_other_keys(const yaml::draft* body)
{
    return body != nullptr && std::any_of(body->children.begin(), body->children.end(), [&](const yaml::draft& child) {
        return !child.erased && has_value(body, child.key);
    });
}

/// `dop_v1_` for personal tokens, `doo_v1_` and `dor_v1_` for OAuth; older ones are the digits alone.
bool is_digitalocean_token(std::string_view token)
{
    constexpr std::size_t digits = 64;
    if (token.size() < digits || !consists_of(token.substr(token.size() - digits), is_hex)) return false;
    const auto prefix = token.substr(0, token.size() - digits);
    return prefix.empty() ||
           (prefix.size() == 7 && prefix.starts_with("do") && is_lower(prefix[2]) && prefix.ends_with("_v1_"));
}

/// As the API's tokens are. A JWT, a JWE, a bootstrap token and those of other issuers have dots, colons or blanks.
bool is_word(std::string_view token)
{
    return consists_of(token, [](char c) { return is_digit(c) || is_letter(c) || c == '_' || c == '-'; });
}

credential_form form_of_token(std::string_view token)
{
    if (is_digitalocean_token(token)) return credential_form::digitalocean_token;
    return is_word(token) ? credential_form::opaque_token : credential_form::issued_token;
}

/// The texts of a list; nothing where one of them is no text.
std::vector<std::string_view> arguments_of(const yaml::draft& exec)
{
    std::vector<std::string_view> all;
    const auto* list = exec.find("args");
    if (list == nullptr || list->is != yaml::node::kind::sequence) return all;
    for (const auto& each : list->children) {
        if (each.erased) continue;
        if (each.is != yaml::node::kind::scalar) return {};
        all.push_back(each.text);
    }
    return all;
}

bool names_cluster(std::string_view id, std::string_view server)
{
    const auto cluster = cluster_id_of(server);
    return cluster.empty() ? !id.empty() : lowered(id) == cluster;
}

bool is_doks_plugin(const std::vector<std::string_view>& arguments, std::string_view server)
{
    return arguments.size() >= 2 && arguments[0] == "credential" && names_cluster(arguments[1], server);
}

/// `save --exec` writes the path of doks as it was called: as a plugin `kubectl-doks`, with a version, by a link.
bool is_name_of_doks(std::string_view command, std::string_view program)
{
    return program == "doks" || (command.starts_with('/') && program.find("doks") != program.npos);
}

/// Nothing but what `save --exec` writes behind the cluster; a program of the user's that stands before doks has more.
bool has_options_of_save(const std::vector<std::string_view>& arguments)
{
    constexpr std::array<std::string_view, 8> options{
        "--expiry", "--api-url", "--context", "--token-file", "--ca-file", "--proxy", "--timeout", "--attempts"};
    for (std::size_t at = 2; at < arguments.size(); ++at) {
        const auto name = arguments[at].substr(0, arguments[at].find('='));
        if (std::find(options.begin(), options.end(), name) == options.end()) return false;
        if (name == arguments[at] && ++at == arguments.size()) return false;
    }
    return true;
}

/// Nothing, or what `save --exec` writes with a context: doctl's configuration alone, by an absolute path.
bool has_environment_of_save(const yaml::draft& exec, const std::vector<std::string_view>& arguments)
{
    if (!has_value(&exec, "env")) return true;
    const auto names_context = [](std::string_view word) { return word.starts_with("--context"); };
    if (std::none_of(arguments.begin(), arguments.end(), names_context)) return false;
    const auto& all = exec.find("env")->children;
    return all.size() == 1 && text_of(&all.front(), "name") == "DIGITALOCEAN_CONFIG" &&
           text_of(&all.front(), "value").starts_with('/');
}

/// As doctl writes it; with any other option (a token, another configuration) the user has made it their own.
bool is_doctl_plugin(const std::vector<std::string_view>& arguments, std::string_view server)
{
    constexpr std::array<std::string_view, 4> words{"kubernetes", "cluster", "kubeconfig", "exec-credential"};
    if (arguments.size() <= words.size() || !std::equal(words.begin(), words.end(), arguments.begin())) return false;
    const auto is_option = [](std::string_view word) {
        return word.starts_with("--version=") || word.starts_with("--context=");
    };
    return std::all_of(arguments.begin() + words.size(), arguments.end() - 1, is_option) &&
           names_cluster(arguments.back(), server);
}

std::string_view command_of(const yaml::draft* user)
{
    const auto* exec = user == nullptr ? nullptr : user->find("exec");
    return text_of(exec, "command");
}

credential_form form_of_plugin(const yaml::draft& user, std::string_view server)
{
    const auto& exec = *user.find("exec");
    if (exec.is != yaml::node::kind::mapping) return credential_form::other_plugin;
    const auto command = command_of(&user);
    const auto program = command.substr(command.rfind('/') + 1);
    const auto arguments = arguments_of(exec);
    if (is_name_of_doks(command, program) && is_doks_plugin(arguments, server) &&
        (program == "doks" || has_options_of_save(arguments)) && has_environment_of_save(exec, arguments))
        return credential_form::doks_plugin;
    if (program == "doctl" && is_doctl_plugin(arguments, server) && !has_value(&exec, "env"))
        return credential_form::doctl_plugin;
    return credential_form::other_plugin;
}

bool is_number(std::string_view suffix)
{
    return suffix.starts_with('-') && suffix.size() < 12 && consists_of(suffix.substr(1), is_digit);
}

/// Both are of a kind that the API does not give, and a program of the caller's own wrote both.
bool has_same_form(const user_entry& entry, const user_entry& arriving, credential_form form)
{
    return !keys_in(entry.body).empty() && form == form_of(arriving.body, arriving.server) &&
           keys_in(entry.body) == keys_in(arriving.body) && command_of(entry.body) == command_of(arriving.body);
}

}

credential_form form_of(const yaml::draft* user, std::string_view server)
{
    const auto keys = keys_in(user);
    if (keys.empty()) return has_other_keys(user) ? credential_form::other : credential_form::none;
    if (keys == std::vector<std::string_view>{"token"}) return form_of_token(text_of(user, "token"));
    if (keys == std::vector<std::string_view>{"client-certificate-data", "client-key-data"})
        return credential_form::certificate;
    if (keys == std::vector<std::string_view>{"exec"}) return form_of_plugin(*user, server);
    return credential_form::other;
}

bool is_name_or_renamed(std::string_view name, std::string_view wanted, std::string_view server)
{
    if (!name.starts_with(wanted)) return false;
    auto suffix = name.substr(wanted.size());
    if (suffix.empty()) return true;
    const auto mark = with_digits("", server);
    if (!suffix.starts_with(mark)) return false;
    suffix.remove_prefix(mark.size());
    return suffix.empty() || is_number(suffix);
}

/// A region is three letters and a number.
bool is_api_cluster_name(std::string_view name)
{
    constexpr std::string_view prefix = "do-";
    if (!name.starts_with(prefix)) return false;
    name.remove_prefix(prefix.size());
    const auto region = name.substr(0, name.find('-'));
    return region.size() > 3 && name.size() > region.size() + 1 && consists_of(region.substr(0, 3), is_lower) &&
           consists_of(region.substr(3), is_digit);
}

bool is_api_user_name(std::string_view name, std::string_view server)
{
    constexpr std::string_view end = "-admin";
    const auto at = name.rfind(end);
    if (at == name.npos) return false;
    return is_api_cluster_name(name.substr(0, at)) && is_name_or_renamed(name, name.substr(0, at + end.size()), server);
}

bool is_ours(const user_entry& entry, const user_entry* arriving)
{
    const auto form = form_of(entry.body, entry.server);
    if (form == credential_form::doks_plugin) return true;
    const bool is_at_digitalocean =
        arriving != nullptr || is_digitalocean(entry.server) || !cluster_id_of(entry.server).empty();
    if (form == credential_form::digitalocean_token && is_at_digitalocean) return true;
    const bool is_named = is_api_user_name(entry.name, entry.server) ||
                          (arriving != nullptr && is_name_or_renamed(entry.name, arriving->name, entry.server));
    if (!is_named) return false;
    constexpr std::array renewable{credential_form::none, credential_form::digitalocean_token,
        credential_form::doks_plugin, credential_form::doctl_plugin, credential_form::opaque_token,
        credential_form::certificate};
    if (std::find(renewable.begin(), renewable.end(), form) != renewable.end()) return true;
    return arriving != nullptr && has_same_form(entry, *arriving, form);
}

bool is_our_context(const kubeconfig_set& set, entry_place context, const user_entry* arriving)
{
    const auto name = set.text(entry_list::contexts, context, "user");
    if (name.empty()) return false;
    const auto key = server_key_of(set, context);
    const auto contexts = set.contexts_of_user(name);
    if (std::any_of(contexts.begin(), contexts.end(), [&](entry_place at) { return server_key_of(set, at) != key; }))
        return false;
    const auto user = set.find(entry_list::users, name);
    auto server = server_of(set, context);
    if (server.empty() && arriving != nullptr) server = arriving->server;
    return is_ours({name, user ? set.body(entry_list::users, *user) : nullptr, server}, arriving);
}

bool has_our_name(const kubeconfig_set& set, entry_place cluster, std::string_view wanted)
{
    const auto name = set.name(entry_list::clusters, cluster);
    const auto server = set.text(entry_list::clusters, cluster, "server");
    return is_api_cluster_name(name) || (!wanted.empty() && is_name_or_renamed(name, wanted, server));
}

bool is_our_cluster(const kubeconfig_set& set, entry_place cluster, std::string_view wanted, const user_entry* arriving)
{
    if (has_our_name(set, cluster, wanted)) return true;
    const auto contexts = set.contexts_of_cluster(set.name(entry_list::clusters, cluster));
    return !contexts.empty() && std::all_of(contexts.begin(), contexts.end(),
                                    [&](entry_place at) { return is_our_context(set, at, arriving); });
}

bool has_own_settings(const yaml::draft* cluster)
{
    for (const auto key : {"certificate-authority", "tls-server-name", "proxy-url"})
        if (has_value(cluster, key)) return true;
    return has_value(cluster, "insecure-skip-tls-verify") && text_of(cluster, "insecure-skip-tls-verify") != "false";
}

std::string_view server_of(const kubeconfig_set& set, entry_place context)
{
    const auto cluster = set.find(entry_list::clusters, set.text(entry_list::contexts, context, "cluster"));
    return cluster ? set.text(entry_list::clusters, *cluster, "server") : std::string_view();
}

std::string_view server_in_its_file(const kubeconfig_set& set, entry_place context)
{
    const auto name = set.text(entry_list::contexts, context, "cluster");
    const auto number = set.file(context.file).find(entry_list::clusters, name);
    if (!number) return server_of(set, context);
    return set.text(entry_list::clusters, {context.file, *number}, "server");
}

std::string server_key_of(const kubeconfig_set& set, entry_place context)
{
    const auto server = server_of(set, context);
    if (!server.empty()) return server_key(server);
    return "the cluster " + std::string(set.text(entry_list::contexts, context, "cluster"));
}

}
