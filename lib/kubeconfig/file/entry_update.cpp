#include "kubeconfig/file/entry_update.hpp"

#include <array>
#include <span>
#include <vector>

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
    return same_meaning(*held, *wanted);
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

/// The keys of which the entry says something else than `from`.
std::vector<std::string_view> outdated(
    const kubeconfig_set& set, entry_list list, entry_place at, const yaml::node& from)
{
    std::vector<std::string_view> keys;
    const auto* body = set.body(list, at);
    for (const auto key : keys_of(list))
        if (!same_value(body == nullptr ? nullptr : body->find(key), from.find(key))) keys.push_back(key);
    return keys;
}

}

bool is_up_to_date(const kubeconfig_set& set, entry_list list, entry_place at, const yaml::node& from)
{
    return outdated(set, list, at, from).empty();
}

bool update_entry(kubeconfig_set& set, entry_list list, entry_place at, const yaml::node& from)
{
    const auto keys = outdated(set, list, at, from);
    for (const auto key : keys) set_value(set.changed_body(list, at), key, from.find(key));
    return !keys.empty();
}

}
