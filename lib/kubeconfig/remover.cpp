#include "kubeconfig/remover.hpp"

#include "kubeconfig/server_key.hpp"

#include <algorithm>
#include <set>

namespace doks::kube {

namespace {

/// What one word of the caller's fits.
struct match
{
    std::vector<entry_place> contexts;
    std::vector<entry_place> clusters;
    bool is_ambiguous = false;

    bool empty() const { return contexts.empty() && clusters.empty(); }
};

void add_clusters(const kubeconfig_set& set, std::vector<entry_place> clusters, match& to)
{
    for (const auto at : clusters)
        for (const auto context : set.contexts_of_cluster(set.name(entry_list::clusters, at)))
            to.contexts.push_back(context);
    to.clusters = std::move(clusters);
}

/// `do-<region>-<name>`, as the API calls the context of a cluster.
bool is_name_of(std::string_view context, std::string_view name)
{
    constexpr std::string_view prefix = "do-";
    if (name.empty() || !context.starts_with(prefix) || !context.ends_with(name)) return false;
    if (context.size() < prefix.size() + 2 + name.size()) return false;
    const auto region = context.substr(prefix.size(), context.size() - prefix.size() - name.size());
    return region.find('-') == region.size() - 1;
}

/// By its own name or by its cluster's, for it may have an alias; also where one was renamed.
match by_name(const kubeconfig_set& set, std::string_view name)
{
    match found;
    std::set<std::string> servers;
    for (const auto at : set.entries(entry_list::contexts)) {
        const auto of_cluster = set.text(entry_list::contexts, at, "cluster");
        const auto cluster = set.find(entry_list::clusters, of_cluster);
        const auto server = cluster ? set.text(entry_list::clusters, *cluster, "server") : std::string_view();
        const auto fits = [&](std::string_view entry) { return is_name_of(without_digits(entry, server), name); };
        if (!fits(set.name(entry_list::contexts, at)) && !(cluster && fits(of_cluster))) continue;
        found.contexts.push_back(at);
        servers.insert(server_key(server));
    }
    found.is_ambiguous = servers.size() > 1;
    return found;
}

match matching(const kubeconfig_set& set, const std::string& what)
{
    match found;
    if (const auto context = set.find(entry_list::contexts, what)) {
        found.contexts.push_back(*context);
    } else if (is_url(what)) {
        add_clusters(set, set.clusters_at(server_key(what)), found);
    } else if (is_uuid(what)) {
        add_clusters(set, set.clusters_of_id(cluster_id_of("https://host/clusters/" + what)), found);
    } else {
        return by_name(set, what);
    }
    return found;
}

void erase_unused(kubeconfig_set& set, entry_list list, std::string_view name)
{
    const auto at = set.find(list, name);
    if (!at) return;
    const auto users = list == entry_list::clusters ? set.contexts_of_cluster(name) : set.contexts_of_user(name);
    if (users.empty()) set.erase(list, *at);
}

void erase_context(kubeconfig_set& set, entry_place at, removal& told)
{
    if (!set.file(at.file).holds(entry_list::contexts, at.number)) return;
    const std::string name(set.name(entry_list::contexts, at));
    const std::string cluster(set.text(entry_list::contexts, at, "cluster"));
    const std::string user(set.text(entry_list::contexts, at, "user"));
    set.erase(entry_list::contexts, at);
    told.removed.push_back(name);
    erase_unused(set, entry_list::clusters, cluster);
    erase_unused(set, entry_list::users, user);
    if (set.clear_current_context(name)) told.current_context_cleared = true;
}

void erase_match(kubeconfig_set& set, const match& found, removal& told)
{
    for (const auto at : found.contexts) erase_context(set, at, told);
    for (const auto at : found.clusters) {
        if (!set.file(at.file).holds(entry_list::clusters, at.number)) continue;
        told.removed.emplace_back(set.name(entry_list::clusters, at));
        set.erase(entry_list::clusters, at);
    }
}

}

std::optional<std::string> remove_from(kubeconfig_set& set, std::span<const std::string> which, removal& told)
{
    std::vector<match> all;
    for (const auto& what : which) {
        all.push_back(matching(set, what));
        if (all.back().is_ambiguous) return what;
        if (all.back().empty()) told.unknown.push_back(what);
    }
    for (const auto& found : all) erase_match(set, found, told);
    return std::nullopt;
}

}
