#include "kubeconfig/directory/prune.hpp"

#include "kubeconfig/directory/stored_file.hpp"

#include <chrono>
#include <set>
#include <utility>

namespace doks::kube {

namespace {

/** Removes the files of these ids that are ours, and takes what has no file out of the index.

    The files go first: a record without its file says nothing, while a file without its record would be foreign, and
    stay for ever.
*/
file_result<prune_result> remove(const indexed_directory& directory, const std::vector<std::string>& ids)
{
    prune_result outcome;
    const auto now = std::chrono::system_clock::now();
    std::string lines;
    std::optional<file_error> error;
    for (const auto& id : ids) {
        const auto owner = directory.owner_of(id);
        if (owner && *owner == file_owner::foreign) {
            outcome.left.push_back(file_of(id));
            continue;
        }
        if (!owner)
            error = owner.error();
        else if (*owner == file_owner::doks)
            error = directory.files().remove(file_of(id));
        if (error) break;
        if (*owner == file_owner::doks) outcome.removed.push_back(id);
        if (directory.index().find(id)) lines += removal_line(id, now);
    }
    auto not_synced = outcome.removed.empty() ? std::nullopt : directory.files().sync();
    if (!not_synced) not_synced = directory.index().append(lines);
    if (!error) error = std::move(not_synced);
    if (error) return unusable(std::move(*error));
    return outcome;
}

/// What a prune looks at, by the names of the files and by the index.
struct selection
{
    std::vector<std::string> unlisted;
    std::size_t listed_files = 0;
};

selection selected(const indexed_directory& directory, const std::vector<std::string>& names,
    const std::vector<cluster>& listed, const std::optional<std::string>& label)
{
    std::set<std::string_view> wanted;
    for (const auto& each : listed) wanted.insert(each.id);
    auto& index = directory.index();
    const auto has_label = [&](const std::string& id) {
        const auto record = label ? index.find(id) : std::nullopt;
        return !record || record->label == *label;
    };
    std::set<std::string> unlisted;
    selection found;
    for (const auto& name : names) {
        auto id = id_of(name);
        if (!id || !has_label(*id)) continue;
        if (!wanted.contains(*id))
            unlisted.insert(std::move(*id));
        else if (index.find(*id))
            ++found.listed_files;
    }
    for (auto& id : index.ids())
        if (is_safe_segment(id) && !wanted.contains(id) && has_label(id)) unlisted.insert(std::move(id));
    found.unlisted.assign(unlisted.begin(), unlisted.end());
    return found;
}

/// More files of doks' would go than stay.
std::optional<file_error> beyond_half(const indexed_directory& directory, const selection& of)
{
    std::size_t removable = 0;
    for (const auto& id : of.unlisted) {
        const auto owner = directory.owner_of(id);
        if (owner && *owner == file_owner::doks) ++removable;
    }
    if (removable <= of.listed_files) return std::nullopt;
    return file_error{errc::invalid_argument,
        std::to_string(removable) + " of " + std::to_string(removable + of.listed_files) +
            " files would be removed, more than half",
        "make sure that the list of clusters is this directory's, or prune with prune_limit::all"};
}

}

file_result<prune_result> prune(const indexed_directory& directory, const std::vector<cluster>& listed,
    const std::optional<std::string>& label, prune_limit limit)
{
    const auto lock = directory.lock();
    if (!lock) return unusable(lock.error());
    const auto names = directory.files().names();
    if (!names) return unusable(names.error());
    const auto found = selected(directory, *names, listed, label);
    if (limit == prune_limit::half)
        if (auto error = beyond_half(directory, found)) return *error;
    return remove(directory, found.unlisted);
}

file_result<prune_result> erase(const indexed_directory& directory, const std::string& id, std::string_view only)
{
    if (!is_safe_segment(id)) return no_file_name();
    const auto lock = directory.lock();
    if (!lock) return unusable(lock.error());
    if (!only.empty()) {
        const auto held = directory.read(id);
        if (!held || !*held || (*held)->config.bytes() != only) return prune_result();
    }
    return remove(directory, {id});
}

file_result<prune_result> erase_expired(const indexed_directory& directory, const std::string& id)
{
    if (!is_safe_segment(id)) return no_file_name();
    const auto lock = directory.lock();
    if (!lock) return unusable(lock.error());
    const auto record = directory.index().find(id);
    if (!record || !record->expires_at || *record->expires_at > std::chrono::system_clock::now()) return prune_result();
    return remove(directory, {id});
}

}
