#pragma once

#include "kubeconfig/file/kubeconfig_set.hpp"
#include "kubeconfig/posix/config_file.hpp"
#include "kubeconfig/posix/lock_file.hpp"
#include "kubeconfig/result.hpp"

#include <doks/failure.hpp>

#include <chrono>
#include <filesystem>
#include <string_view>
#include <utility>
#include <vector>

namespace doks::kube {

[[noreturn]] void refuse(
    std::string_view operation, errc cause, std::string detail, std::string remedy, std::string_view phase = {});

/** The files of a list, read together and written together.

    Errors: every member throws `failure`, whose operation is the one given.
*/
class config_files
{
public:
    config_files(const std::vector<std::filesystem::path>& paths, std::string_view operation);

    /// Locks out other writers as long as the locks are kept: of the files that exist and of the target.
    std::vector<lock_file> lock(std::chrono::milliseconds patience) const;
    kubeconfig_set read() const;
    /// Those that say something else than they did, synced; their paths.
    std::vector<std::filesystem::path> write(const kubeconfig_set& changed) const;

    /// The first one that existed at the beginning, or the last.
    std::size_t target() const noexcept { return target_; }
    const std::filesystem::path& path(std::size_t number) const { return files_[number].named(); }
    bool any_exists() const noexcept { return files_[target_].exists(); }
    /// What others can do with the files, for a person.
    std::vector<std::string> exposure() const;
    std::vector<file_stamp> stamps() const;

    [[noreturn]] void fail(errc cause, std::string detail, std::string remedy = {}) const
    {
        const bool is_file = cause == errc::unusable_kubeconfig_file || cause == errc::kubeconfig_locked;
        refuse(operation_, cause, std::move(detail), std::move(remedy), is_file ? "disk" : "parse");
    }

private:
    [[noreturn]] void fail(file_error why) const;
    [[noreturn]] void fail(const config_file& file, const parse_error& why) const;

    std::vector<config_file> files_;
    std::size_t target_ = 0;
    std::string_view operation_;
};

}
