#include "kubeconfig/file/merger.hpp"

#include "kubeconfig/file/entry_update.hpp"
#include "kubeconfig/file/remover.hpp"
#include "kubeconfig/read/server_key.hpp"

#include <algorithm>

namespace doks::kube {

namespace {

/// What was added stays that.
void note_update(merged_kubeconfig& outcome)
{
    if (outcome.change == merge_change::unchanged) outcome.change = merge_change::updated;
}

void set_text(yaml::draft& body, std::string_view key, std::string_view text)
{
    auto& held = *body.find(key); // a context that was read has both
    held.text = text;
    held.plain = false;
}

}

file_result<merger::arrival> merger::read(const kubeconfig& config, std::string_view alias)
{
    auto parsed = kubeconfig_access::take(config);
    if (!parsed) return file_error{errc::not_a_kubeconfig, std::move(parsed.error().reason)};
    arrival made;
    made.config = config;
    made.parsed = std::move(*parsed);
    made.server = config.current().server;
    made.context = alias.empty() ? config.current().context : std::string(alias);
    made.has_alias = !alias.empty();
    made.key = server_key(made.server);
    made.cluster = made.entries().context->text_at("cluster");
    made.user = made.entries().context->text_at("user");
    made.credential = yaml::copy_of(*made.entries().user);
    return made;
}

file_result<merged_kubeconfig> merger::merge(const kubeconfig& config, std::string_view alias)
{
    auto from = read(config, alias);
    if (!from) return from.error();
    try {
        return put(arrivals_.emplace_back(std::move(*from)));
    } catch (const file_error& name_taken) {
        return name_taken;
    }
}

/// Cluster and user before the context, which refers to the names that they get.
merged_kubeconfig merger::put(const arrival& from)
{
    merged_kubeconfig outcome;
    outcome.server = from.server;
    auto renewed = context_to_renew(from, our_contexts(from));
    if (on_collision_ == name_collision::replace && take_out_other(from, renewed)) {
        outcome.replaced = true;
        renewed.reset();
    }
    const bool is_known = put_cluster(from, renewed, outcome);
    put_user(from, renewed, is_known, outcome);
    put_context(from, renewed, outcome);
    put_.insert(outcome.context);
    return outcome;
}

/** Takes out another cluster's context of ours that has the name, with its cluster and user, unless this run put it in.

    Also the one of this cluster that got another name meanwhile. current-context goes on naming the context.
*/
bool merger::take_out_other(const arrival& from, std::optional<entry_place> renewed)
{
    const auto held = set_.find_all(entry_list::contexts, from.context);
    if (held.size() != 1 || held.front() == renewed || put_.contains(from.context)) return false;
    if (renewed && !has_wanted_name(from, *renewed)) return false;
    const auto server = server_of(set_, held.front());
    if (!is_our_context(set_, held.front()) || cluster_id_of(server).empty()) return false;
    take_out(set_, held.front());
    if (!renewed) return true;
    const bool was_current = set_.current_context() == set_.name(entry_list::contexts, *renewed);
    take_out(set_, *renewed);
    if (was_current) set_.set_current_context(set_.keep(from.context));
    return true;
}

/// Contexts of this server that are ours, and still are with the new credential; also those whose cluster was taken out.
std::vector<entry_place> merger::our_contexts(const arrival& from) const
{
    const auto arriving = from.arriving();
    std::vector<entry_place> ours;
    const auto add = [&](std::string_view cluster) {
        for (const auto at : set_.contexts_of_cluster(cluster)) {
            const user_entry renewed{set_.text(entry_list::contexts, at, "user"), &from.credential, from.server};
            if (is_our_context(set_, at, &arriving) && is_ours(renewed, &arriving)) ours.push_back(at);
        }
    };
    for (const auto at : set_.clusters_at(from.key)) add(set_.name(entry_list::clusters, at));
    const bool is_gone = !set_.find(entry_list::clusters, from.cluster);
    if (is_gone && !is_awaited(entry_list::clusters, from.cluster, from)) add(from.cluster);
    return ours;
}

/// The name that is wanted, or the one that it got where that was another's.
bool merger::has_wanted_name(const arrival& from, entry_place context) const
{
    const auto name = set_.name(entry_list::contexts, context);
    if (name == from.context) return true;
    const bool has_digits = !cluster_id_of(from.server).empty(); // else a number may be the user's own
    return is_name_or_renamed(name, from.context, from.server) &&
           (has_digits || set_.find(entry_list::contexts, from.context));
}

/// The one of that name, the only one, or of several the one with that user.
std::optional<entry_place> merger::context_to_renew(const arrival& from, const std::vector<entry_place>& ours) const
{
    const auto first = [&](auto fits) {
        const auto found = std::find_if(ours.begin(), ours.end(), fits);
        return found == ours.end() ? std::nullopt : std::optional(*found);
    };
    if (const auto same = first([&](entry_place at) { return set_.name(entry_list::contexts, at) == from.context; }))
        return same;
    if (const auto renamed = first([&](entry_place at) { return has_wanted_name(from, at); })) return renamed;
    if (ours.size() == 1) return ours.front();
    return first([&](entry_place at) {
        return is_name_or_renamed(set_.text(entry_list::contexts, at, "user"), from.user, from.server);
    });
}

/** One that has this server, our name and no settings of the user's: of several the one of the same name.

    One that contexts use already (the user's, for ours would be renewed) only as it is: another certificate authority would
    have them send their credentials elsewhere.
*/
std::optional<entry_place> merger::cluster_to_use(const arrival& from) const
{
    std::optional<entry_place> chosen;
    for (const auto at : set_.clusters_at(from.key)) {
        if (!has_our_name(set_, at, from.cluster) || has_own_settings(set_.body(entry_list::clusters, at))) continue;
        const bool is_used = !set_.contexts_of_cluster(set_.name(entry_list::clusters, at)).empty();
        if (is_used && !is_up_to_date(set_, entry_list::clusters, at, *from.entries().cluster)) continue;
        if (!chosen || set_.name(entry_list::clusters, at) == from.cluster) chosen = at;
    }
    return chosen;
}

/// True if one was there.
bool merger::put_cluster(const arrival& from, std::optional<entry_place> renewed, merged_kubeconfig& outcome)
{
    if (renewed) {
        renew_cluster(from, *renewed, outcome);
        return true;
    }
    if (const auto known = cluster_to_use(from)) {
        update_entry(set_, entry_list::clusters, *known, *from.entries().cluster);
        outcome.cluster = set_.name(entry_list::clusters, *known);
        return true;
    }
    outcome.cluster = free_name(entry_list::clusters, from.cluster, from, outcome);
    set_.add(entry_list::clusters, set_.keep(outcome.cluster), yaml::copy_of(*from.entries().cluster));
    return false;
}

/// How the user wants the server to be reached and verified stays.
void merger::renew_cluster(const arrival& from, entry_place context, merged_kubeconfig& outcome)
{
    const auto arriving = from.arriving();
    outcome.cluster = set_.text(entry_list::contexts, context, "cluster");
    const auto held = set_.find(entry_list::clusters, outcome.cluster);
    if (!held) {
        set_.add(entry_list::clusters, set_.keep(outcome.cluster), yaml::copy_of(*from.entries().cluster));
        return note_update(outcome);
    }
    if (!is_our_cluster(set_, *held, from.cluster, &arriving) ||
        has_own_settings(set_.body(entry_list::clusters, *held)))
        return;
    if (update_entry(set_, entry_list::clusters, *held, *from.entries().cluster)) note_update(outcome);
}

/// What a removal of its context left behind.
bool merger::is_unused_and_ours(const arrival& from, entry_place user) const
{
    const auto arriving = from.arriving();
    const user_entry held{from.user, set_.body(entry_list::users, user), from.server};
    return set_.contexts_of_user(from.user).empty() && is_ours(held, &arriving);
}

/// The user of the context that is renewed, or one that no context has; or a new one.
void merger::put_user(const arrival& from, std::optional<entry_place> renewed, bool reuses, merged_kubeconfig& outcome)
{
    outcome.user = renewed ? std::string(set_.text(entry_list::contexts, *renewed, "user")) : from.user;
    const auto held = set_.find(entry_list::users, outcome.user);
    if (held && (renewed || (reuses && is_unused_and_ours(from, *held)))) {
        if (update_entry(set_, entry_list::users, *held, *from.entries().user)) note_update(outcome);
        return;
    }
    if (!renewed) outcome.user = free_name(entry_list::users, from.user, from, outcome);
    set_.add(entry_list::users, set_.keep(outcome.user), yaml::copy_of(*from.entries().user));
    note_update(outcome);
}

/// With an alias beside the one that is renewed, where that has another name.
void merger::put_context(const arrival& from, std::optional<entry_place> renewed, merged_kubeconfig& outcome)
{
    if (renewed && (!from.has_alias || has_wanted_name(from, *renewed))) {
        outcome.context = set_.name(entry_list::contexts, *renewed);
        outcome.renamed = from.has_alias && outcome.context != from.context;
        return;
    }
    outcome.context = free_name(entry_list::contexts, from.context, from, outcome);
    auto body = yaml::copy_of(*from.entries().context);
    set_text(body, "cluster", set_.keep(outcome.cluster));
    set_text(body, "user", set_.keep(outcome.user));
    set_.add(entry_list::contexts, set_.keep(outcome.context), std::move(body));
    outcome.change = merge_change::added;
}

/// A context that is not ours refers to it, so that what comes under that name would become its own.
bool merger::is_awaited(entry_list list, std::string_view name, const arrival& from) const
{
    const auto arriving = from.arriving();
    if (list == entry_list::contexts) return false;
    const auto contexts = list == entry_list::users ? set_.contexts_of_user(name) : set_.contexts_of_cluster(name);
    return std::any_of(contexts.begin(), contexts.end(), [&](entry_place at) {
        return (list == entry_list::users && server_key_of(set_, at) != from.key) ||
               !is_our_context(set_, at, &arriving);
    });
}

/// A name that only a dangling reference has is taken, too.
bool merger::is_taken(entry_list list, std::string_view name, const arrival& from) const
{
    return set_.find(list, name) || is_awaited(list, name, from);
}

/// The message says whose the name is, since the remedies differ.
void merger::refuse_taken(entry_list list, const std::string& name, const arrival& from) const
{
    const auto held = set_.find(list, name);
    auto entry = "the " + std::string(body_key_of(list)) + " `" + name + "` ";
    const auto server = [&] {
        if (list == entry_list::contexts) return server_key_of(set_, *held);
        if (list == entry_list::clusters) return server_key(set_.text(list, *held, "server"));
        const auto contexts = set_.contexts_of_user(name);
        return contexts.empty() ? from.key : server_key_of(set_, contexts.front());
    };
    const bool is_users_own = held && server() == from.key;
    throw file_error{
        errc::name_taken, entry + (is_users_own ? "is the user's own: doks did not write it" : "is another server's")};
}

/// The digits of the cluster's UUID first: they are the same on every machine. Numbers only where that is taken,
/// too.
std::string merger::free_name(
    entry_list list, const std::string& wanted, const arrival& from, merged_kubeconfig& outcome)
{
    if (!is_taken(list, wanted, from)) return wanted;
    if (on_collision_ == name_collision::refuse) refuse_taken(list, wanted, from);
    outcome.renamed = true;
    auto name = with_digits(wanted, from.server);
    if (name != wanted && !is_taken(list, name, from)) return name;
    for (unsigned number = 2;; ++number)
        if (auto next = name + '-' + std::to_string(number); !is_taken(list, next, from)) return next;
}

}
