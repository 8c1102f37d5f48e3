#include "kubeconfig/file/remover.hpp"

#include "kubeconfig/file/config_files.hpp"
#include "kubeconfig/file/ownership.hpp"
#include "kubeconfig/read/server_key.hpp"

#include <algorithm>
#include <set>

namespace doks::kube {

namespace {

/// A context that goes, and which of the entries that it refers to may go with it.
struct taken
{
    entry_place context;
    bool with_cluster = false;
    bool with_user = false;
};

/// What one word of the caller's fits.
struct match
{
    std::vector<taken> contexts;
    std::vector<entry_place> kept;     ///< contexts of the cluster that are not ours
    std::vector<entry_place> clusters; ///< that no context needs to refer to
};

/// Not one that the user named and set up, though all contexts of it are ours.
bool may_go(const kubeconfig_set& set, entry_place cluster)
{
    if (has_our_name(set, cluster)) return true;
    return is_our_cluster(set, cluster) && !has_own_settings(set.body(entry_list::clusters, cluster));
}

taken taken_at(const kubeconfig_set& set, entry_place context)
{
    const auto cluster = set.find(entry_list::clusters, set.text(entry_list::contexts, context, "cluster"));
    return {context, cluster && may_go(set, *cluster), is_our_context(set, context)};
}

void add_context(const kubeconfig_set& set, entry_place context, match& to)
{
    if (is_our_context(set, context))
        to.contexts.push_back(taken_at(set, context));
    else
        to.kept.push_back(context);
}

match by_clusters(const kubeconfig_set& set, const std::vector<entry_place>& clusters)
{
    match found;
    for (const auto at : clusters) {
        for (const auto context : set.contexts_of_cluster(set.name(entry_list::clusters, at)))
            add_context(set, context, found);
        if (may_go(set, at)) found.clusters.push_back(at);
    }
    return found;
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
    for (const auto at : set.entries(entry_list::contexts)) {
        const auto cluster = set.text(entry_list::contexts, at, "cluster");
        const auto context = set.name(entry_list::contexts, at);
        if (context.find(name) == context.npos && cluster.find(name) == cluster.npos) continue;
        const auto server = server_of(set, at);
        const auto fits = [&](std::string_view entry) { return is_name_of(without_digits(entry, server), name); };
        if (fits(context) || (!server.empty() && fits(cluster))) add_context(set, at, found);
    }
    return found;
}

match by_cluster(const kubeconfig_set& set, const std::string& word)
{
    if (is_url(word)) return by_clusters(set, set.clusters_at(server_key(word)));
    if (is_uuid(word)) return by_clusters(set, set.clusters_of_id(cluster_id_of("https://host/clusters/" + word)));
    return by_name(set, word);
}

/// A word may fit several contexts of one cluster, but never two clusters.
bool has_several_servers(const kubeconfig_set& set, const std::vector<taken>& contexts)
{
    std::set<std::string> servers;
    for (const auto& each : contexts) servers.insert(server_key_of(set, each.context));
    return servers.size() > 1;
}

/// Contexts of ours that were to have this name, which was taken.
std::vector<entry_place> renamed(const kubeconfig_set& set, std::string_view wanted)
{
    std::vector<entry_place> all;
    for (const auto at : set.entries(entry_list::contexts)) {
        const auto name = set.name(entry_list::contexts, at);
        if (name == wanted || !name.starts_with(wanted)) continue;
        if (is_name_or_renamed(name, wanted, server_of(set, at)) && is_our_context(set, at)) all.push_back(at);
    }
    return all;
}

/// What else the name of this context may mean: one of another file, those of a cluster that is called so, or ours that
/// would have it if this one did not.
std::vector<entry_place> rivals(
    const kubeconfig_set& set, entry_place context, const std::string& word, const match& of_cluster)
{
    const auto key = server_key_of(set, context);
    const bool context_is_ours = is_our_context(set, context);
    std::vector<entry_place> all;
    const auto consider = [&](entry_place other, const std::string& other_key, bool other_is_ours) {
        if (other != context && (other_key != key || (other_is_ours && !context_is_ours))) all.push_back(other);
    };
    for (const auto other : set.find_all(entry_list::contexts, word)) {
        const auto server = server_in_its_file(set, other);
        consider(other, server.empty() ? server_key_of(set, other) : server_key(server), is_our_context(set, other));
    }
    for (const auto& other : of_cluster.contexts) consider(other.context, server_key_of(set, other.context), true);
    if (context_is_ours) return all;
    for (const auto other : renamed(set, word))
        if (std::find(all.begin(), all.end(), other) == all.end()) consider(other, server_key_of(set, other), true);
    return all;
}

/// Nothing where it fits several.
std::optional<match> matching(const kubeconfig_set& set, const std::string& word, ambiguity& why)
{
    why = {word, {}};
    auto found = by_cluster(set, word);
    if (const auto context = set.find(entry_list::contexts, word)) {
        why.contexts = rivals(set, *context, word, found);
        if (why.contexts.empty()) return match{{taken_at(set, *context)}, {}, {}};
        why.contexts.insert(why.contexts.begin(), *context);
        return std::nullopt;
    }
    if (!has_several_servers(set, found.contexts)) return found;
    for (const auto& each : found.contexts) why.contexts.push_back(each.context);
    return std::nullopt;
}

/// Only with its last context.
void erase_cluster(kubeconfig_set& set, std::string_view name)
{
    const auto at = set.find(entry_list::clusters, name);
    if (at && set.contexts_of_cluster(name).empty()) set.erase(entry_list::clusters, *at);
}

/// A credential of the user's own stays where no context refers to it either.
void erase_user(kubeconfig_set& set, const std::string& name, bool is_ours, remove_result& outcome)
{
    const auto at = set.find(entry_list::users, name);
    if (!at || !set.contexts_of_user(name).empty()) return;
    if (is_ours)
        set.erase(entry_list::users, *at);
    else
        outcome.kept_users.push_back(name);
}

void erase_context(kubeconfig_set& set, const taken& context, remove_result& outcome)
{
    const auto at = context.context;
    const std::string name(set.name(entry_list::contexts, at));
    const std::string cluster(set.text(entry_list::contexts, at, "cluster"));
    const std::string user(set.text(entry_list::contexts, at, "user"));
    set.erase(entry_list::contexts, at);
    outcome.removed.push_back(name);
    if (context.with_cluster) erase_cluster(set, cluster);
    erase_user(set, user, context.with_user, outcome);
}

void erase_match(kubeconfig_set& set, const match& found, remove_result& outcome)
{
    for (const auto& each : found.contexts) {
        const auto at = each.context;
        if (!set.file(at.file).holds(entry_list::contexts, at.number)) continue;
        erase_context(set, each, outcome);
        if (set.clear_current_context(outcome.removed.back())) outcome.current_context_cleared = true;
    }
    for (const auto at : found.kept) {
        std::string name(set.name(entry_list::contexts, at));
        const auto& known = outcome.kept_contexts;
        if (std::find(known.begin(), known.end(), name) == known.end())
            outcome.kept_contexts.push_back(std::move(name));
    }
    for (const auto at : found.clusters) {
        if (!set.file(at.file).holds(entry_list::clusters, at.number)) continue;
        const std::string name(set.name(entry_list::clusters, at));
        if (!set.contexts_of_cluster(name).empty()) continue;
        outcome.removed.push_back(name);
        set.erase(entry_list::clusters, at);
    }
}

}

void take_out(kubeconfig_set& set, entry_place context)
{
    remove_result unheeded;
    erase_context(set, taken_at(set, context), unheeded);
}

std::string listed(const ambiguity& of, const kubeconfig_set& set, const config_files& files)
{
    constexpr std::size_t most = 10;
    std::string text;
    for (std::size_t i = 0; i < of.contexts.size(); ++i) {
        if (i == most) return text + ", and " + std::to_string(of.contexts.size() - most) + " more";
        const auto at = of.contexts[i];
        const bool counts = set.find(entry_list::contexts, set.name(entry_list::contexts, at)) == at;
        const auto server = counts ? server_of(set, at) : server_in_its_file(set, at);
        text += i == 0 ? "" : ", ";
        text.append("the context `").append(set.name(entry_list::contexts, at)).append("` of ");
        text.append(server.empty() ? "a cluster that is not there" : shown_url(server));
        text.append(" in ").append(files.path(at.file).string());
    }
    return text;
}

std::string way_out_of(const ambiguity& several, const kubeconfig_set& set)
{
    const auto has_word = [&](entry_place at) { return set.name(entry_list::contexts, at) == several.word; };
    const auto named = std::count_if(several.contexts.begin(), several.contexts.end(), has_word);
    if (named == 0) return "name one of these contexts, or the cluster's id";
    if (named > 1) return "name the file that it is to be taken out of";
    return "name another of these contexts, or the cluster's id; `kubectl config delete-context` takes out the one of "
           "that very name";
}

/// All words are matched before anything is erased: an ambiguous one must leave the file as it was.
std::optional<ambiguity> remove_from(kubeconfig_set& set, std::span<const std::string> words, remove_result& outcome)
{
    std::vector<match> all;
    ambiguity why;
    for (const auto& word : words) {
        auto found = matching(set, word, why);
        if (!found) return why;
        if (found->contexts.empty() && found->clusters.empty() && found->kept.empty()) outcome.unknown.push_back(word);
        all.push_back(std::move(*found));
    }
    for (const auto& found : all) erase_match(set, found, outcome);
    return std::nullopt;
}

}
