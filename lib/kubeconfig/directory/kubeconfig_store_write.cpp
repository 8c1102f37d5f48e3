#include "kubeconfig/directory/kubeconfig_store.hpp"

#include "kubeconfig/directory/stored_file.hpp"
#include "kubeconfig/read/check.hpp"

#include <set>

namespace doks::kube {

namespace {

/// Larger than what a file system keeps for itself in an inode, and as kubeconfigs are.
constexpr std::size_t size_of_trial = 4096;

disk_fault no_file_name(std::string_view doing, call_info info = {})
{
    return fault_of(errc::invalid_argument, std::string(doing) + " the kubeconfig of a cluster",
        {"its id cannot be the name of a file", "use the cluster's UUID"}, std::move(info));
}

put_outcome why_not_storable(const put_job& job)
{
    if (!is_safe_segment(job.id)) return no_file_name("storing", job.config.info());
    if (auto other = names_other_cluster(job.config.bytes(), job.id))
        return fault_of(
            errc::wrong_cluster, "storing the kubeconfig of " + job.id, {std::move(*other), {}}, job.config.info());
    return nullptr;
}

index_record describe(const put_job& job)
{
    const auto& config = job.config;
    return {job.id, job.name, job.region, job.label, std::string(to_string(config.kind())), config.expires_at(),
        config.expires_exactly(), config.expiry(), config.info().request_id, job.at, sha256(config.bytes())};
}

}

struct kubeconfig_store::staged_put
{
    std::optional<staged_file> file;
    std::string line;
    put_outcome* outcome = nullptr;
};

put_outcome kubeconfig_store::stage(const put_job& job, staged_put& to) const
{
    if (auto fault = why_not_storable(job)) return fault;
    try {
        auto record = describe(job);
        // Whoever renews a credential may not know what its cluster is called.
        const auto before = record.name.empty() ? index_.find(job.id) : std::nullopt;
        if (before) record.name = before->name;
        if (before && record.region.empty()) record.region = before->region;
        to.line = to_line(record);
    } catch (const failure& unreadable) {
        return std::make_shared<const failure_record>(unreadable.record());
    }
    if (auto fault = directory_.moved()) return unusable(std::move(*fault));
    auto file = directory_.stage(file_of(job.id), job.config.bytes());
    if (!file) return unusable(file.error());
    to.file.emplace(std::move(*file));
    return nullptr;
}

put_outcome kubeconfig_store::publish(std::span<staged_put> ready) const
{
    descriptor lock;
    if (auto fault = locked(lock)) return unusable(std::move(*fault));
    std::string lines;
    for (auto& put : ready) {
        if (auto fault = directory_.publish(*put.file)) {
            *put.outcome = unusable(std::move(*fault));
        } else {
            lines += put.line;
        }
    }
    auto fault = directory_.sync();
    if (!fault) fault = index_.append(lines);
    return fault ? unusable(std::move(*fault)) : nullptr;
}

std::vector<put_outcome> kubeconfig_store::put(std::span<const put_job> jobs) const
{
    std::vector<put_outcome> outcomes(jobs.size());
    std::vector<staged_put> ready;
    ready.reserve(jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        staged_put put;
        put.outcome = &outcomes[i];
        outcomes[i] = stage(jobs[i], put);
        if (!outcomes[i]) ready.push_back(std::move(put));
    }
    if (ready.empty()) return outcomes;
    if (const auto fault = publish(ready))
        for (auto& put : ready)
            if (!*put.outcome) *put.outcome = fault;
    return outcomes;
}

directory_state kubeconfig_store::make_usable(bool by_writing) const
{
    directory_state state;
    if (directory_.moved()) {
        if (auto fault = directory_.open_again()) {
            state.fault = unusable(std::move(*fault));
            state.unreachable = true;
            return state;
        }
        state.opened_again = true;
    }
    if (!by_writing && !state.opened_again) return state;
    descriptor lock;
    auto fault = locked(lock);
    if (!fault) {
        const auto trial = directory_.stage("index.jsonl", std::string(size_of_trial, '\n'));
        if (!trial) fault = trial.error();
    }
    if (fault) state.fault = unusable(std::move(*fault));
    return state;
}

disk_fault kubeconfig_store::why_not_replaceable(std::string_view id) const
{
    const auto name = file_of(id);
    if (!directory_.is_folder(name)) return nullptr;
    return unusable({(path() / name).string() + " is a directory", "remove it"});
}

bool kubeconfig_store::is_recorded(std::string_view id, std::string_view digest) const
{
    const auto record = index_.find(id);
    return record && record->digest == digest;
}

file_result<kubeconfig_store::owner> kubeconfig_store::owner_of(std::string_view id) const
{
    if (!is_safe_segment(id)) return owner::foreign;
    const auto held = read(id);
    if (!held && held.error().odd) return owner::foreign;
    if (!held) return held.error();
    if (!*held) return owner::nobody;
    return (*held)->record ? owner::doks : owner::foreign;
}

/** Removes the files of these ids that are ours, and takes what has no file out of the index.

    The files go first: a record without its file says nothing, while a file without its record would be foreign, and
    stay for ever.
*/
disk_result<pruning> kubeconfig_store::remove(const std::vector<std::string>& ids) const
{
    pruning so_far;
    const auto now = std::chrono::system_clock::now();
    std::string lines;
    std::optional<file_fault> fault;
    for (const auto& id : ids) {
        const auto whose = owner_of(id);
        if (whose && *whose == owner::foreign) {
            so_far.left.push_back(file_of(id));
            continue;
        }
        if (!whose)
            fault = whose.error();
        else if (*whose == owner::doks)
            fault = directory_.remove(file_of(id));
        if (fault) break;
        if (*whose == owner::doks) so_far.removed.push_back(id);
        if (index_.find(id)) lines += removal_line(id, now);
    }
    auto unsynced = so_far.removed.empty() ? std::nullopt : directory_.sync();
    if (!unsynced) unsynced = index_.append(lines);
    if (!fault) fault = std::move(unsynced);
    if (fault) return unusable(std::move(*fault));
    return so_far;
}

/// Why these files may not be removed beside so many others; null if they may.
disk_fault kubeconfig_store::beyond_half(const std::vector<std::string>& ids, std::size_t others) const
{
    std::size_t removable = 0;
    for (const auto& id : ids) {
        const auto whose = owner_of(id);
        if (whose && *whose == owner::doks) ++removable;
    }
    if (removable <= others) return nullptr;
    return fault_of(errc::invalid_argument, "pruning the kubeconfig directory " + path().string(),
        {std::to_string(removable) + " of " + std::to_string(removable + others) +
                " files would be removed, more than half",
            "make sure that the list of clusters is this directory's, or prune with prune_limit::all"});
}

disk_result<pruning> kubeconfig_store::prune(
    const std::vector<cluster>& listed, const std::optional<std::string>& label, prune_limit limit) const
{
    descriptor lock;
    if (auto fault = locked(lock)) return unusable(std::move(*fault));
    const auto names = directory_.names();
    if (!names) return unusable(names.error());
    std::set<std::string_view> wanted;
    for (const auto& each : listed) wanted.insert(each.id);
    const auto is_looked_at = [&](const std::string& id) {
        const auto record = label ? index_.find(id) : std::nullopt;
        return !record || record->label == *label;
    };
    std::set<std::string> unlisted;
    std::size_t listed_files = 0;
    for (const auto& name : *names) {
        auto id = id_of(name);
        if (!id || !is_looked_at(*id)) continue;
        if (!wanted.contains(*id))
            unlisted.insert(std::move(*id));
        else if (index_.find(*id))
            ++listed_files;
    }
    for (auto& id : index_.ids())
        if (is_safe_segment(id) && !wanted.contains(id) && is_looked_at(id)) unlisted.insert(std::move(id));
    const std::vector<std::string> ids(unlisted.begin(), unlisted.end());
    if (limit == prune_limit::half)
        if (auto fault = beyond_half(ids, listed_files)) return fault;
    return remove(ids);
}

disk_result<pruning> kubeconfig_store::erase(const std::string& id, std::string_view only) const
{
    if (!is_safe_segment(id)) return no_file_name("removing");
    descriptor lock;
    if (auto fault = locked(lock)) return unusable(std::move(*fault));
    const auto held = only.empty() ? std::nullopt : find(id);
    if (!only.empty() && (!held || held->config.bytes() != only)) return pruning();
    return remove({id});
}

}
