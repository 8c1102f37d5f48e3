#include "kubeconfig/file/random/mixed_config.hpp"

#include <algorithm>

// Random kubeconfigs in which entries of doks, doctl, the API and the user stand beside each other, with a record
// of whose is whose.

namespace {

using pairs = std::vector<std::pair<std::string, made_value>>;

}

mixed_config::mixed_config(unsigned seed)
    : rng_(seed)
    , files_(1 + below(3))
{
    for (unsigned count = below(8); count != 0; --count) add_context();
    if (chance(3)) cluster_of(below(clusters + 2)); // that no context names
    if (chance(3)) user_of(below(clusters + 2));
    if (chance(6)) add_waiting_context();
    judge();
    write();
}

std::string mixed_config::id_of(unsigned cluster)
{
    const auto digits = std::to_string(100000 + cluster);
    return digits + "00-2222-4333-8444-555555" + digits;
}

std::string mixed_config::own_name(std::string_view stem) { return std::string(stem) + std::to_string(names_++); }

/// Those of other providers behind the DOKS clusters.
std::string mixed_config::server_url(unsigned server)
{
    if (server >= clusters) return "https://k" + std::to_string(server) + ".eks.example.com";
    const auto host = id_of(server) + ".k8s.ondigitalocean.com";
    constexpr std::string_view ends[] = {"", "", "", "/", ":443", ":443/"};
    return (chance(6) ? "HTTPS://" : "https://") + host + std::string(ends[below(6)]);
}

/// An entry that there is, or a new one.
std::string mixed_config::cluster_of(unsigned server)
{
    std::vector<std::string> known;
    for (const auto& each : cluster_plans_)
        if (each.server == server) known.push_back(each.name);
    if (!known.empty() && !chance(3)) return known[below(static_cast<unsigned>(known.size()))];
    const bool has_api_name = server < clusters && chance(2) &&
                              std::none_of(cluster_plans_.begin(), cluster_plans_.end(),
                                  [&](const auto& each) { return each.name == api_name_of(server); });
    const auto name = has_api_name ? api_name_of(server) : own_name("staging");
    pairs body{{"server", scalar(server_url(server))}};
    bool has_settings = true;
    switch (below(8)) {
    case 0:
        body.emplace_back("insecure-skip-tls-verify", scalar("true"));
        break;
    case 1:
        body.emplace_back("proxy-url", scalar("http://proxy.example.com:3128"));
        break;
    case 2:
        body.emplace_back("certificate-authority", scalar("/etc/own/ca.pem"));
        break;
    case 3:
        body.emplace_back("tls-server-name", scalar("own.example.com"));
        break;
    default:
        has_settings = false;
        if (chance(2)) body.emplace_back("certificate-authority-data", scalar("b3du"));
    }
    cluster_plans_.push_back({name, server, has_api_name, has_settings});
    any_file().clusters.push_back({name, mapping(body)});
    return name;
}

/// An entry that there is, and that may be another server's, or a new one.
std::string mixed_config::user_of(unsigned server)
{
    if (!users_.empty() && chance(4)) return users_[below(static_cast<unsigned>(users_.size()))].name;
    user_plan plan{own_name("me"), credential_owner::user, false, chance(10)};
    const auto api_name = api_name_of(server) + "-admin";
    const auto marked = api_name + '-' + id_of(server).substr(0, 8);
    constexpr unsigned forms = 4;
    const std::string names[forms] = {api_name, api_name, marked, marked + "-2"};
    const auto& wanted = names[below(forms)];
    const bool is_free =
        std::none_of(users_.begin(), users_.end(), [&](const auto& each) { return each.name == wanted; });
    if (server < clusters && is_free && chance(2)) {
        plan.name = wanted;
        plan.has_api_name = true;
    }
    made_value body;
    switch (below(4)) {
    case 0:
        plan.owner = credential_owner::given;
        body = server < clusters ? given_credential(id_of(server), rng_)
                                 : mapping({{"token", scalar(rng_.hex_digits(64))}});
        break;
    case 1:
        plan.owner = credential_owner::by_name;
        body = ambiguous_credential(id_of(server), rng_);
        break;
    default:
        body = own_credential(id_of(server), rng_);
    }
    if (plan.is_missing) plan.owner = credential_owner::by_name;
    if (!plan.is_missing) any_file().users.push_back({plan.name, body});
    users_.push_back(plan);
    return plan.name;
}

void mixed_config::add_context()
{
    const unsigned server = below(clusters + 2);
    const bool is_gone = chance(12); // its cluster
    context_plan plan{
        server, is_gone ? own_name("gone") : cluster_of(server), is_gone ? own_user(server) : user_of(server)};
    if (is_gone) plan.server = clusters + 100 + names_;
    const unsigned named = chance(2) ? below(clusters) : server;
    const std::string wanted = chance(2) ? api_name_of(named) : "n" + std::to_string(named);
    const bool is_free = !chance(3) && !has_context_named(wanted);
    pairs body{{"cluster", scalar(plan.cluster)}, {"user", scalar(plan.user)}};
    if (chance(3)) body.emplace_back("namespace", scalar("team"));
    any_file().contexts.push_back({is_free ? wanted : own_name("context"), mapping(body)});
    contexts_.push_back(std::move(plan));
}

std::string mixed_config::own_user(unsigned server)
{
    const user_plan user{own_name("me"), credential_owner::user, false, false};
    any_file().users.push_back({user.name, own_credential(id_of(server), rng_)});
    users_.push_back(user);
    return user.name;
}

bool mixed_config::has_context_named(std::string_view name) const
{
    for (const auto& file : files_)
        for (const auto& each : file.contexts)
            if (each.name == name) return true;
    return false;
}

/// One of the user's own whose cluster, by a name of the API's, is not there.
void mixed_config::add_waiting_context()
{
    const unsigned server = below(clusters);
    const auto cluster = api_name_of(server);
    for (const auto& each : cluster_plans_)
        if (each.name == cluster) return;
    const auto user = own_user(server);
    any_file().contexts.push_back(
        {own_name("waiting"), mapping({{"cluster", scalar(cluster)}, {"user", scalar(user)}})});
    contexts_.push_back({clusters + 1000, cluster, user});
}

/// An entry of the user's own is one that no rule gives to the API, doks or doctl.
void mixed_config::judge()
{
    const auto is_own_user = [&](const std::string& name) {
        const auto plan =
            std::find_if(users_.begin(), users_.end(), [&](const user_plan& each) { return each.name == name; });
        const bool is_given =
            plan->owner == credential_owner::given || (plan->owner == credential_owner::by_name && plan->has_api_name);
        std::vector<unsigned> servers;
        for (const auto& each : contexts_)
            if (each.user == name) servers.push_back(each.server);
        const bool is_shared = std::any_of(servers.begin(), servers.end(), [&](unsigned s) { return s != servers[0]; });
        const bool is_elsewhere = !servers.empty() && servers[0] >= clusters;
        return !is_given || is_shared || is_elsewhere;
    };
    for (auto& file : files_) {
        for (auto& user : file.users) user.is_users_own = is_own_user(user.name);
        for (auto& context : file.contexts) context.is_users_own = is_own_user(context.body.pairs[1].second.text);
    }
    for (auto& file : files_)
        for (auto& cluster : file.clusters) {
            const auto plan = std::find_if(cluster_plans_.begin(), cluster_plans_.end(),
                [&](const cluster_plan& each) { return each.name == cluster.name; });
            bool has_contexts = false;
            bool has_own_context = false;
            for (const auto& each : contexts_)
                if (each.cluster == cluster.name) {
                    has_contexts = true;
                    has_own_context = has_own_context || is_own_user(each.user);
                }
            cluster.is_users_own = !plan->has_api_name && (!has_contexts || has_own_context);
            cluster.has_settings = plan->has_settings;
        }
}

bool mixed_config::only_own_of(unsigned cluster) const
{
    for (const auto& each : cluster_plans_)
        if (each.server == cluster && each.has_api_name) return false;
    for (const auto& file : files_)
        for (const auto& context : file.contexts) {
            const auto& name = context.body.pairs[0].second.text;
            const auto plan = std::find_if(cluster_plans_.begin(), cluster_plans_.end(),
                [&](const cluster_plan& each) { return each.name == name && each.server == cluster; });
            if (plan != cluster_plans_.end() && !context.is_users_own) return false;
        }
    return true;
}

namespace {

void write_entries(std::string& text, std::string_view list, std::vector<made_entry>& entries, unsigned style)
{
    const std::string key(list);
    const auto body_key = key.substr(0, key.size() - 1);
    if (style == 2) { // JSON
        text += (text == "{" ? "" : ", ") + in_double_quotes(key) + ": [";
        for (auto& each : entries) {
            each.text = in_brackets(mapping({{"name", scalar(each.name)}, {body_key, each.body}}));
            text += (text.ends_with('[') ? "" : ", ") + each.text;
        }
        text += ']';
        return;
    }
    text += key + (entries.empty() ? ": []\n" : ":\n");
    for (auto& each : entries) {
        if (style == 1)
            each.text = "- " + in_brackets(mapping({{"name", scalar(each.name)}, {body_key, each.body}})) + '\n';
        else
            each.text = "- name: " + each.name + "\n  # of " + each.name + "\n  " + body_key + ":\n" +
                        in_lines(each.body, "    ");
        text += each.text;
    }
}

}

void mixed_config::write()
{
    for (auto& file : files_) {
        const unsigned style = below(3);
        file.text = style == 2 ? "{" : "# mine\napiVersion: v1\nkind: Config\n";
        write_entries(file.text, "clusters", file.clusters, style);
        write_entries(file.text, "contexts", file.contexts, style);
        write_entries(file.text, "users", file.users, style);
        const bool has_current = !file.contexts.empty() && chance(2);
        if (style == 2)
            file.text +=
                (has_current ? ", \"current-context\": " + in_double_quotes(file.contexts[0].name) : "") + "}\n";
        if (style != 2 && has_current)
            file.text += "current-context: " + in_double_quotes(file.contexts[0].name) + "\n";
    }
}
