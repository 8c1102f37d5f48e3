#include "kubeconfig/entry_update.hpp"

#include "kubeconfig/credential_keys.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace doks::kube {

namespace {

/// What says who a cluster is and who its user is; of an entry that is there already, anything else stays.
constexpr std::array<std::string_view, 3> cluster_keys{
    "certificate-authority", "certificate-authority-data", "insecure-skip-tls-verify"};

std::span<const std::string_view> keys_of(entry_list list)
{
    if (list == entry_list::clusters) return cluster_keys;
    return credential_keys;
}

bool same_value(const yaml::draft* held, const yaml::node* wanted)
{
    if (held == nullptr || wanted == nullptr) return held == nullptr && wanted == nullptr;
    return same_content(*held, copy_of(*wanted));
}

/// Where both are scalars only the text changes, so that what stands beside it stays.
void set_value(yaml::draft& body, std::string_view key, const yaml::node* wanted)
{
    auto* held = body.find(key);
    if (held != nullptr && wanted != nullptr && held->is == wanted->is && held->is == yaml::node::kind::scalar) {
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

}

bool is_up_to_date(const kubeconfig_set& set, entry_list list, entry_place at, const yaml::node& from)
{
    const auto* body = set.body(list, at);
    const auto keys = keys_of(list);
    return std::all_of(keys.begin(), keys.end(),
        [&](std::string_view key) { return same_value(body == nullptr ? nullptr : body->find(key), from.find(key)); });
}

bool update_entry(kubeconfig_set& set, entry_list list, entry_place at, const yaml::node& from)
{
    bool changed = false;
    for (const auto key : keys_of(list)) {
        const auto* body = set.body(list, at);
        const auto* wanted = from.find(key);
        if (same_value(body == nullptr ? nullptr : body->find(key), wanted)) continue;
        set_value(set.changed_body(list, at), key, wanted);
        changed = true;
    }
    return changed;
}

}
