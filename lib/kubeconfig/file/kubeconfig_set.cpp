#include "kubeconfig/file/kubeconfig_set.hpp"

#include "kubeconfig/read/server_key.hpp"

#include <algorithm>
#include <utility>

namespace doks::kube {

kubeconfig_set::kubeconfig_set(std::vector<kubeconfig_document> files, std::size_t target)
    : files_(std::move(files))
    , target_(target)
{
    for (const auto list : all_lists)
        for (std::size_t file = 0; file < files_.size(); ++file)
            for (std::size_t number = 0; number < files_[file].size(list); ++number) index(list, {file, number});
}

/// Lookups by server, id, cluster and user keep a merge of thousands linear.
void kubeconfig_set::index(entry_list list, entry_place at)
{
    if (list == entry_list::clusters) {
        const auto server = text(list, at, "server");
        by_server_[server_key(server)].push_back(at);
        by_id_[cluster_id_of(server)].push_back(at);
    }
    if (list != entry_list::contexts) return;
    by_cluster_[std::string(text(list, at, "cluster"))].push_back(at);
    by_user_[std::string(text(list, at, "user"))].push_back(at);
}

std::optional<entry_place> kubeconfig_set::find(entry_list list, std::string_view name) const
{
    for (std::size_t file = 0; file < files_.size(); ++file)
        if (const auto number = files_[file].find(list, name)) return entry_place{file, *number};
    return std::nullopt;
}

std::vector<entry_place> kubeconfig_set::find_all(entry_list list, std::string_view name) const
{
    std::vector<entry_place> all;
    for (std::size_t file = 0; file < files_.size(); ++file)
        if (const auto number = files_[file].find(list, name)) all.push_back({file, *number});
    return all;
}

std::vector<entry_place> kubeconfig_set::entries(entry_list list) const
{
    std::vector<entry_place> all;
    for (std::size_t file = 0; file < files_.size(); ++file)
        for (std::size_t number = 0; number < files_[file].size(list); ++number) {
            const entry_place at{file, number};
            if (files_[file].holds(list, number) && find(list, name(list, at)) == at) all.push_back(at);
        }
    return all;
}

/// The indexes are not updated by an erase, so what they find is looked at again.
std::vector<entry_place> kubeconfig_set::found(const places& in, const std::string& key, entry_list list) const
{
    const auto at = in.find(key);
    if (at == in.end()) return {};
    auto all = at->second;
    std::erase_if(all, [&](entry_place each) {
        return !files_[each.file].holds(list, each.number) || find(list, name(list, each)) != each;
    });
    return all;
}

std::vector<entry_place> kubeconfig_set::clusters_at(const std::string& key) const
{
    return found(by_server_, key, entry_list::clusters);
}

std::vector<entry_place> kubeconfig_set::clusters_of_id(const std::string& id) const
{
    return found(by_id_, id, entry_list::clusters);
}

std::vector<entry_place> kubeconfig_set::contexts_of_cluster(std::string_view name) const
{
    return found(by_cluster_, std::string(name), entry_list::contexts);
}

std::vector<entry_place> kubeconfig_set::contexts_of_user(std::string_view name) const
{
    return found(by_user_, std::string(name), entry_list::contexts);
}

entry_place kubeconfig_set::add(entry_list list, std::string_view name, yaml::draft body)
{
    const entry_place at{target_, files_[target_].add(list, name, std::move(body))};
    index(list, at);
    return at;
}

void kubeconfig_set::erase(entry_list list, entry_place at) { files_[at.file].erase(list, at.number); }

std::string_view kubeconfig_set::current_context() const noexcept
{
    for (const auto& file : files_)
        if (const auto name = file.current_context(); !name.empty()) return name;
    return {};
}

bool kubeconfig_set::clear_current_context(std::string_view name)
{
    bool cleared = false;
    for (auto& file : files_) {
        if (file.current_context() != name) continue;
        file.set_current_context("");
        cleared = true;
    }
    return cleared;
}

}
