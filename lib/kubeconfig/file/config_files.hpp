#pragma once

#include "kubeconfig/file/kubeconfig_set.hpp"
#include "kubeconfig/file_error.hpp"
#include "kubeconfig/posix/config_file.hpp"
#include "kubeconfig/posix/lock_file.hpp"

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <utility>
#include <vector>

namespace doks::kube {

/** The files of a list, read together and written together.

    Errors: `unusable_kubeconfig_file`, `kubeconfig_locked`, `not_a_kubeconfig` that names the file, and `is_cancelled`.
*/
class config_files
{
public:
    static file_result<config_files> open(const std::vector<std::filesystem::path>& paths);

    /// Locks out other writers as long as the locks are kept: of the files that exist and of the target.
    file_result<std::vector<lock_file>> lock(std::chrono::milliseconds patience, const std::stop_token& stop) const;
    /// `known` are documents of an earlier read; those whose file still holds the same bytes are not parsed again.
    file_result<kubeconfig_set> read(std::vector<kubeconfig_document> known = {}) const;
    /// Those that say something else than they did, synced; their paths.
    file_result<std::vector<std::filesystem::path>> write(const kubeconfig_set& changed) const;

    /// The first one that existed at the beginning, or the last.
    std::size_t target() const noexcept { return target_; }
    const std::filesystem::path& path(std::size_t number) const { return files_[number].named(); }
    bool any_exists() const noexcept { return files_[target_].exists(); }
    /// What others can do with the files, for a person.
    std::vector<std::string> exposure() const;
    std::vector<file_stamp> stamps() const;

private:
    struct change;

    config_files() = default;
    file_result<std::vector<std::filesystem::path>> places_to_lock() const;
    file_result<change> staged(const config_file& file, const kubeconfig_document& document) const;

    std::vector<config_file> files_;
    std::size_t target_ = 0;
};

}
