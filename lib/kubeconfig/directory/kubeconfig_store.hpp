#pragma once

#include "kubeconfig/directory/indexed_directory.hpp"

#include <doks/cluster.hpp>
#include <doks/kubeconfig.hpp>
#include <doks/kubeconfig_directory.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace doks::kube {

/// A kubeconfig on its way to the disk.
struct put_job
{
    doks::kubeconfig config;
    std::string id;
    std::string name;
    std::string region;
    std::string label;
    std::chrono::system_clock::time_point at = std::chrono::system_clock::now();
};

/// Whether a directory takes files.
struct directory_state
{
    std::optional<file_error> error; ///< nothing: it does
    bool opened_again = false;       ///< the path names another directory than before, which lacks what was put
    bool unreachable = false;        ///< the path names no directory that can be used
};

/** The directory's work with the disk, all of it blocking.

    A file for each id and an index beside them. A record of the index binds itself to the bytes of its file by
    their digest, so whichever of the two a crash or another process leaves older, no file is taken for another one:
    a file without its record is merely not fresh.
    Threads: any.
    Cost: a put is two system calls that wait for the disk, and a third for the index; puts that are given together
    share the latter two.
*/
class kubeconfig_store
{
public:
    /// Throws `failure` with `unusable_directory`.
    explicit kubeconfig_store(const std::filesystem::path& path);
    kubeconfig_store(const kubeconfig_store&) = delete;
    kubeconfig_store& operator=(const kubeconfig_store&) = delete;

    const std::filesystem::path& path() const noexcept { return directory_.files().path(); }
    std::vector<std::size_t> damaged_index_lines() const { return directory_.index().damaged_lines(); }

    /// One outcome for each job, in their order. A job that failed may have left its file, whole but without a record.
    std::vector<std::optional<file_error>> put(std::span<const put_job> jobs) const;
    file_result<prune_result> prune(const std::vector<cluster>& listed,
        const std::optional<std::string>& label = std::nullopt, prune_limit limit = prune_limit::all) const;
    /// One; with bytes: only if they are still what is there.
    file_result<prune_result> erase(const std::string& id, std::string_view only = {}) const;
    file_result<prune_result> erase_expired(const std::string& id) const;
    /// Null: another holder has the lock of this name.
    file_result<std::shared_ptr<void>> lock(const std::string& name) const;

    /** Opens the directory again if its path names another one by now, or none.

        With `by_writing` it writes a file as large as a kubeconfig, too, which no reader sees and which is removed.
    */
    directory_state make_usable(bool by_writing) const;
    /// Why a file cannot take the place of what stands there, as far as that can be seen.
    std::optional<file_error> why_not_replaceable(std::string_view id) const;
    /// The index knows the file of this id by these bytes' digest.
    bool is_recorded(std::string_view id, std::string_view digest) const;

    /// Nothing if there is no file, or none that can be read.
    std::optional<stored_kubeconfig> find(std::string_view id) const;
    /// One that is recorded and stays valid for the margin, as far as this machine's clock can be believed.
    std::optional<stored_kubeconfig> find_fresh(std::string_view id, std::chrono::steady_clock::duration margin) const;
    std::optional<doks::kubeconfig> get(std::string_view id) const;

    /// What is on disk once a write that is under way has finished: nothing, one that doks put there, or why it cannot be used.
    file_result<std::optional<doks::kubeconfig>> settled(std::string_view id) const;
    /// What stands there by its name; the files are not read. With a label, of the ids only those put under it.
    file_result<directory_contents> contents(const std::optional<std::string>& label) const;
    /// What stands before `.yaml` in the names of all files, hidden ones left out.
    file_result<std::vector<std::string>> ids() const;

    /// For the public API. `operation` is what was tried, where the error is not the directory's.
    failure failure_of(file_error error, std::string operation = {}, call_info info = {}) const;
    /// The same of a `put`.
    failure put_failure(file_error error, const std::string& id, call_info info = {}) const;
    const private_directory& directory() const noexcept { return directory_.files(); }

private:
    struct staged_put;

    std::optional<file_error> stage(const put_job& job, staged_put& to) const;
    std::optional<file_error> publish(std::span<staged_put> ready) const;
    file_result<std::optional<doks::kubeconfig>> usable(std::string_view id) const;

    indexed_directory directory_;
};

}
