#pragma once

#include "kubeconfig/index.hpp"
#include "kubeconfig/linux_files.hpp"

#include <doks/kubeconfig.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
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
};

/// Null: done. A record and not a `failure`, since it crosses threads.
using put_outcome = std::shared_ptr<const failure_record>;

/** The directory's work with the disk, all of it blocking.

    Shape: a file for each id and an index beside them. A record of the index binds itself to the bytes of its file by
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

    const std::filesystem::path& path() const noexcept { return directory_.path(); }
    std::vector<std::size_t> damaged_index_lines() const;

    /// One outcome for each job, in their order. A job that failed may have left its file, whole but without a record.
    std::vector<put_outcome> put(std::span<const put_job> jobs) const;

    std::optional<doks::kubeconfig> get(std::string_view id) const;
    std::optional<doks::kubeconfig> fresh(const std::string& id, std::chrono::steady_clock::duration margin) const;

private:
    struct staged_put;
    struct stored
    {
        doks::kubeconfig config;
        bool recorded = false;
    };

    void load_index();
    std::optional<stored> find(std::string_view id) const;
    std::optional<index_record> record_of(std::string_view id) const;
    failure_record unusable(file_fault fault) const;
    put_outcome stage(const put_job& job, staged_put& to) const;
    put_outcome publish(std::span<staged_put> ready) const;

    private_directory directory_;
    mutable std::mutex mutex_;
    mutable index index_;
    mutable file_stamp seen_;
};

}
