#include "kubeconfig/merger.hpp"

#include "kubeconfig/server_key.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace doks::kube {

namespace {

/// What says who a cluster is and who its user is; of an entry that is there already, anything else stays.
constexpr std::array<std::string_view, 3> cluster_keys{
    "certificate-authority", "certificate-authority-data", "insecure-skip-tls-verify"};
constexpr std::array<std::string_view, 10> user_keys{"token", "tokenFile", "client-certificate",
    "client-certificate-data", "client-key", "client-key-data", "exec", "auth-provider", "username", "password"};

std::span<const std::string_view> keys_of(entry_list list)
{
    if (list == entry_list::clusters) return cluster_keys;
    return user_keys;
}

const yaml_node* entry_of(const yaml_node& root, entry_list list, std::string_view name)
{
    for (const auto* entry = root.find(key_of(list))->children; entry != nullptr; entry = entry->next)
        if (const auto* held = entry->find("name"); held != nullptr && held->text == name)
            return entry->find(body_key_of(list));
    return nullptr;
}

std::string text_at(const yaml_node& body, std::string_view key)
{
    const auto* found = body.find(key);
    return found == nullptr ? std::string() : std::string(found->text);
}

bool same_value(const yaml_draft* held, const yaml_node* wanted)
{
    if (held == nullptr || wanted == nullptr) return held == nullptr && wanted == nullptr;
    return same_content(*held, copy_of(*wanted));
}

/// Where both are scalars only the text changes, so that what stands beside it stays.
void set_value(yaml_draft& body, std::string_view key, const yaml_node* wanted)
{
    auto* held = body.find(key);
    if (held != nullptr && wanted != nullptr && held->is == wanted->is && held->is == yaml_node::kind::scalar) {
        held->text = wanted->text;
        held->plain = wanted->plain;
        return;
    }
    if (held != nullptr) held->erased = true;
    if (wanted == nullptr) return;
    auto copy = copy_of(*wanted);
    copy.key = key;
    body.children.push_back(std::move(copy));
}

/// What was added stays that.
void note_update(merged_kubeconfig& told)
{
    if (told.change == merge_change::unchanged) told.change = merge_change::updated;
}

void set_text(yaml_draft& body, std::string_view key, std::string_view text)
{
    if (auto* held = body.find(key)) {
        held->text = text;
        held->plain = false;
    } else {
        body.children.push_back(text_draft(key, text));
    }
}

}

boost::system::result<merger::arrival, refusal> merger::read(std::string_view bytes)
{
    const auto known = read_access(bytes);
    if (!known) return known.error();
    auto document = yaml_document::parse(bytes);
    if (!document) return document.error();
    arrival made;
    made.document = std::move(*document);
    made.server = known->current.server;
    made.context = known->current.context;
    const auto& root = made.document.root();
    made.key = server_key(made.server);
    made.context_body = entry_of(root, entry_list::contexts, made.context);
    made.cluster = text_at(*made.context_body, "cluster");
    made.user = text_at(*made.context_body, "user");
    made.cluster_body = entry_of(root, entry_list::clusters, made.cluster);
    made.user_body = entry_of(root, entry_list::users, made.user);
    return made;
}

boost::system::result<merged_kubeconfig, merge_fault> merger::merge(std::string_view bytes, std::string_view alias)
{
    auto from = read(bytes);
    if (!from) return merge_fault{errc::not_a_kubeconfig, std::move(from.error().reason)};
    if (!alias.empty()) from->context = alias;
    from->has_alias = !alias.empty();
    try {
        return put(arrivals_.emplace_back(std::move(*from)));
    } catch (const refused& why) {
        return why;
    }
}

merged_kubeconfig merger::put(const arrival& from)
{
    merged_kubeconfig told;
    told.server = from.server;
    told.cluster = put_cluster(from, told);
    put_context(from, told);
    return told;
}

/// The cluster that has this server: of several the one that the context of that name uses, or that has the same name.
std::string merger::put_cluster(const arrival& from, merged_kubeconfig& told)
{
    const auto known = set_.clusters_at(from.key);
    if (known.empty()) {
        auto name = free_name(entry_list::clusters, from.cluster, from, told);
        set_.add(entry_list::clusters, set_.keep(name), copy_of(*from.cluster_body));
        told.change = merge_change::added;
        return name;
    }
    const auto named = [&](std::string_view name) {
        return std::find_if(
            known.begin(), known.end(), [&](entry_place at) { return set_.name(entry_list::clusters, at) == name; });
    };
    auto chosen = known.end();
    if (const auto context = set_.find(entry_list::contexts, from.context))
        chosen = named(set_.text(entry_list::contexts, *context, "cluster"));
    if (chosen == known.end()) chosen = named(from.cluster);
    if (chosen == known.end()) chosen = known.begin();
    if (update(entry_list::clusters, *chosen, *from.cluster_body)) note_update(told);
    return std::string(set_.name(entry_list::clusters, *chosen));
}

std::optional<entry_place> merger::context_to_update(
    const arrival& from, const std::vector<entry_place>& candidates, std::string_view name) const
{
    for (const auto at : candidates)
        if (set_.name(entry_list::contexts, at) == name) return at;
    if (candidates.size() == 1) return candidates.front();
    for (const auto at : candidates)
        if (set_.text(entry_list::contexts, at, "user") == from.user) return at;
    return std::nullopt;
}

/// One of that name, or of the name that it got where that was taken.
std::optional<entry_place> merger::context_of_alias(
    const arrival& from, const std::vector<entry_place>& candidates) const
{
    for (const auto& name : {from.context, with_digits(from.context, from.server)})
        for (const auto at : candidates)
            if (set_.name(entry_list::contexts, at) == name) return at;
    return std::nullopt;
}

/// The context of that name, the only one, or of several the one with that user; or a new one.
void merger::put_context(const arrival& from, merged_kubeconfig& told)
{
    const auto candidates = set_.contexts_of_cluster(told.cluster);
    const auto context = context_to_update(from, candidates, from.context);
    put_user(from, context, told);
    if (const auto same = from.has_alias ? context_of_alias(from, candidates) : context) {
        told.context = set_.name(entry_list::contexts, *same);
        told.renamed = told.renamed || (from.has_alias && told.context != from.context);
        if (set_.text(entry_list::contexts, *same, "user") == told.user) return;
        set_.set_user(*same, set_.keep(told.user));
        return note_update(told);
    }
    told.context = free_name(entry_list::contexts, from.context, from, told);
    auto body = copy_of(*from.context_body);
    set_text(body, "cluster", set_.keep(told.cluster));
    set_text(body, "user", set_.keep(told.user));
    set_.add(entry_list::contexts, set_.keep(told.context), std::move(body));
    note_update(told);
}

/// True if a context of another cluster has the same user.
bool merger::is_shared(std::string_view user, std::string_view cluster) const
{
    const auto contexts = set_.contexts_of_user(user);
    return std::any_of(contexts.begin(), contexts.end(),
        [&](entry_place at) { return set_.text(entry_list::contexts, at, "cluster") != cluster; });
}

/// The user of that context, or one of that name that only contexts of this cluster use; or a new one.
void merger::put_user(const arrival& from, std::optional<entry_place> context, merged_kubeconfig& told)
{
    const bool is_new_here = told.change == merge_change::added && !context;
    told.user = context ? std::string(set_.text(entry_list::contexts, *context, "user")) : from.user;
    if (told.user.empty()) told.user = from.user;
    const auto held = set_.find(entry_list::users, told.user);
    if (held && !is_new_here && !is_shared(told.user, told.cluster)) {
        if (update(entry_list::users, *held, *from.user_body)) note_update(told);
        return;
    }
    if (held || is_shared(told.user, told.cluster)) told.user = free_name(entry_list::users, from.user, from, told);
    set_.add(entry_list::users, set_.keep(told.user), copy_of(*from.user_body));
    note_update(told);
}

bool merger::update(entry_list list, entry_place at, const yaml_node& from)
{
    bool changed = false;
    for (const auto key : keys_of(list)) {
        const auto* body = set_.body(list, at);
        const auto* wanted = from.find(key);
        if (body != nullptr && same_value(body->find(key), wanted)) continue;
        if (body == nullptr && wanted == nullptr) continue;
        set_value(set_.changed_body(list, at), key, wanted);
        changed = true;
    }
    return changed;
}

/// Also by a user that is not there, but that a context of another cluster waits for.
bool merger::is_taken(entry_list list, std::string_view name, const merged_kubeconfig& told) const
{
    return set_.find(list, name) || (list == entry_list::users && is_shared(name, told.cluster));
}

std::string merger::free_name(entry_list list, const std::string& wanted, const arrival& from, merged_kubeconfig& told)
{
    if (!is_taken(list, wanted, told)) return wanted;
    if (on_collision_ == name_collision::refuse)
        throw refused{
            errc::name_taken, "the " + std::string(body_key_of(list)) + " `" + wanted + "` is another server's"};
    told.renamed = true;
    auto name = with_digits(wanted, from.server);
    if (name != wanted && !is_taken(list, name, told)) return name;
    for (unsigned number = 2;; ++number)
        if (auto next = name + '-' + std::to_string(number); !is_taken(list, next, told)) return next;
}

}
