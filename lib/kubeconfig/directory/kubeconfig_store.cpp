#include "kubeconfig/directory/kubeconfig_store.hpp"

#include "kubeconfig/directory/prune.hpp"
#include "kubeconfig/directory/stored_file.hpp"
#include "kubeconfig/read/response_check.hpp"
#include "kubeconfig/read/server_key.hpp"

#include <utility>

namespace doks::kube {

namespace {

/// Larger than what a file system keeps for itself in an inode, and as kubeconfigs are.
constexpr std::size_t size_of_trial = 4096;

private_directory opened(const std::filesystem::path& path)
{
    auto directory = private_directory::open(path);
    if (directory) return std::move(*directory);
    throw to_failure(unusable(directory.error()), "opening the kubeconfig directory", "disk");
}

/// The id becomes the name of a file, and a wrong one could leave the directory.
std::optional<file_error> why_not_storable(const put_job& job)
{
    if (!is_safe_segment(job.id)) return no_file_name();
    if (auto other = names_other_cluster(job.config.bytes(), job.id))
        return file_error{errc::wrong_cluster, std::move(*other)};
    return std::nullopt;
}

bool is_readable(const doks::kubeconfig& config)
{
    try {
        config.current();
        return true;
    } catch (const failure&) {
        return false;
    }
}

/// What the index has to know to vouch for these bytes after a restart.
index_record describe(const put_job& job)
{
    const auto& config = job.config;
    return {job.id, job.name, job.region, job.label, std::string(to_string(config.kind())), config.expires_at(),
        config.expires_exactly(), config.expiry(), config.info().request_id, job.at, sha256(config.bytes())};
}

}

kubeconfig_store::kubeconfig_store(const std::filesystem::path& path)
    : directory_(opened(path))
{
    const auto lock = directory_.lock(std::chrono::seconds(0));
    if (!lock && is_locked(lock.error())) return; // another process is at work: its turn to tidy up
    if (!lock) throw failure_of(unusable(lock.error()));
    directory_.files().remove_leftovers();
    if (auto error = directory_.index().compact_if_worth()) throw failure_of(unusable(std::move(*error)));
}

failure kubeconfig_store::failure_of(file_error error, std::string operation, call_info info) const
{
    if (error.code == errc::unusable_directory)
        return to_failure(std::move(error), "using the kubeconfig directory " + path().string(), "disk");
    if (error.code == boost::system::errc::not_enough_memory)
        return to_failure(std::move(error), "using a kubeconfig directory", "disk");
    return to_failure(std::move(error), std::move(operation), "disk", std::move(info));
}

failure kubeconfig_store::put_failure(file_error error, const std::string& id, call_info info) const
{
    if (error.code == errc::not_a_kubeconfig)
        return to_failure(std::move(error), "reading the kubeconfig of " + id, "parse", std::move(info));
    const auto about = is_safe_segment(id) ? id : "a cluster";
    return failure_of(std::move(error), "storing the kubeconfig of " + about, std::move(info));
}

struct kubeconfig_store::staged_put
{
    std::optional<staged_file> file;
    std::string line;
    std::optional<file_error>* outcome = nullptr;
};

/// Without the lock: staging waits for the disk, and others may write meanwhile.
std::optional<file_error> kubeconfig_store::stage(const put_job& job, staged_put& to) const
{
    if (auto error = why_not_storable(job)) return error;
    try {
        auto record = describe(job);
        // A caller that renews a credential may not know the cluster's name.
        const auto before = record.name.empty() ? directory_.index().find(job.id) : std::nullopt;
        if (before) record.name = before->name;
        if (before && record.region.empty()) record.region = before->region;
        to.line = to_line(record);
    } catch (const failure& unreadable) {
        return file_error{unreadable.code(), unreadable.detail()};
    }
    if (auto error = directory_.files().moved()) return unusable(std::move(*error));
    auto file = directory_.files().stage(file_of(job.id), job.config.bytes());
    if (!file) return unusable(file.error());
    to.file.emplace(std::move(*file));
    return std::nullopt;
}

/// First the files, then the index: a crash in between leaves files without a record, which are merely not fresh.
std::optional<file_error> kubeconfig_store::publish(std::span<staged_put> ready) const
{
    const auto lock = directory_.lock();
    if (!lock) return unusable(lock.error());
    std::string lines;
    for (auto& put : ready) {
        if (auto error = directory_.files().publish(*put.file))
            *put.outcome = unusable(std::move(*error));
        else
            lines += put.line;
    }
    auto error = directory_.files().sync();
    if (!error) error = directory_.index().append(lines);
    if (error) return unusable(std::move(*error));
    return std::nullopt;
}

std::vector<std::optional<file_error>> kubeconfig_store::put(std::span<const put_job> jobs) const
{
    std::vector<std::optional<file_error>> outcomes(jobs.size());
    std::vector<staged_put> ready;
    ready.reserve(jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        staged_put put;
        put.outcome = &outcomes[i];
        outcomes[i] = stage(jobs[i], put);
        if (!outcomes[i]) ready.push_back(std::move(put));
    }
    if (ready.empty()) return outcomes;
    if (const auto error = publish(ready))
        for (auto& put : ready)
            if (!*put.outcome) *put.outcome = error;
    return outcomes;
}

/// Only a write proves that a disk takes one: a full one still has room for an empty file.
directory_state kubeconfig_store::make_usable(bool by_writing) const
{
    directory_state state;
    const auto& files = directory_.files();
    if (files.moved()) {
        if (auto error = files.open_again()) {
            state.error = unusable(std::move(*error));
            state.unreachable = true;
            return state;
        }
        state.opened_again = true;
    }
    if (!by_writing && !state.opened_again) return state;
    if (const auto lock = directory_.lock(); !lock)
        state.error = unusable(lock.error());
    else if (const auto trial = files.stage("index.jsonl", std::string(size_of_trial, '\n')); !trial)
        state.error = unusable(trial.error());
    return state;
}

std::optional<file_error> kubeconfig_store::why_not_replaceable(std::string_view id) const
{
    const auto name = file_of(id);
    if (!directory_.files().is_folder(name)) return std::nullopt;
    return unusable(not_usable((path() / name).string() + " is a directory", "remove it"));
}

bool kubeconfig_store::is_recorded(std::string_view id, std::string_view digest) const
{
    const auto record = directory_.index().find(id);
    return record && record->digest == digest;
}

file_result<prune_result> kubeconfig_store::prune(
    const std::vector<cluster>& listed, const std::optional<std::string>& label, prune_limit limit) const
{
    return kube::prune(directory_, listed, label, limit);
}

file_result<prune_result> kubeconfig_store::erase(const std::string& id, std::string_view only) const
{
    return kube::erase(directory_, id, only);
}

file_result<prune_result> kubeconfig_store::erase_expired(const std::string& id) const
{
    return kube::erase_expired(directory_, id);
}

file_result<std::shared_ptr<void>> kubeconfig_store::lock(const std::string& name) const
{
    if (!is_safe_segment(name))
        return file_error{errc::invalid_argument, "'" + shown_text(name) + "' cannot be part of a file name",
            "use letters, digits, '-', '_' and '.'"};
    auto held = directory_.files().temporary_lock("." + name + ".lock");
    if (held) return std::move(*held);
    if (is_locked(held.error())) return std::shared_ptr<void>();
    return unusable(held.error());
}

std::optional<stored_kubeconfig> kubeconfig_store::find(std::string_view id) const
{
    if (!is_safe_segment(id)) return std::nullopt;
    auto found = directory_.read(id);
    return found ? std::move(*found) : std::nullopt;
}

std::optional<doks::kubeconfig> kubeconfig_store::get(std::string_view id) const
{
    auto found = find(id);
    return found ? std::optional(std::move(found->config)) : std::nullopt;
}

std::optional<stored_kubeconfig> kubeconfig_store::find_fresh(
    std::string_view id, std::chrono::steady_clock::duration margin) const
{
    auto found = find(id);
    if (!found || names_other_cluster(found->config.bytes(), id)) return std::nullopt;
    const auto left = time_left(*found, std::chrono::system_clock::now());
    if (!left || *left < margin || !is_readable(found->config)) return std::nullopt;
    return found;
}

file_result<std::optional<doks::kubeconfig>> kubeconfig_store::usable(std::string_view id) const
{
    auto found = directory_.read(id);
    if (!found) return unusable(found.error());
    if (!*found) return std::optional<doks::kubeconfig>();
    const auto& held = **found;
    const auto file = (path() / file_of(id)).string();
    if (!held.record) return unusable(not_usable(file + " is not as doks wrote it", "remove it, or fetch it again"));
    if (auto other = names_other_cluster(held.config.bytes(), id))
        return unusable(not_usable(file + ": " + *other, {}));
    return std::optional(held.config);
}

file_result<std::optional<doks::kubeconfig>> kubeconfig_store::settled(std::string_view id) const
{
    if (!is_safe_segment(id))
        return unusable(not_usable((path() / file_of(id)).string() + " is no file of doks", "remove it"));
    auto found = usable(id);
    if (found) return found;
    // The file is published before its record: the holder of the lock is about to write that.
    const auto lock = directory_.lock();
    if (!lock) return unusable(lock.error());
    return usable(id);
}

file_result<std::vector<std::string>> kubeconfig_store::ids() const
{
    const auto names = directory_.files().names();
    if (!names) return unusable(names.error());
    std::vector<std::string> found;
    for (const auto& name : *names)
        if (auto id = id_of(name); id && is_told_of(*id)) found.push_back(std::move(*id));
    return found;
}

file_result<directory_contents> kubeconfig_store::contents(const std::optional<std::string>& label) const
{
    const auto lock = directory_.lock();
    if (!lock) return unusable(lock.error());
    const auto names = directory_.files().names();
    if (!names) return unusable(names.error());
    directory_contents found;
    for (const auto& name : *names) {
        auto id = id_of(name);
        if (!id) continue;
        const auto record = is_safe_segment(*id) ? directory_.index().find(*id) : std::nullopt;
        if (!record)
            found.foreign.push_back(name);
        else if (!label || record->label == *label)
            found.entries.push_back({std::move(*id), record->expires_at});
    }
    return found;
}

}
