#pragma once

#include "kubeconfig/linux_files.hpp"

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <filesystem>

namespace doks::kube {

/// Why a lock was not got.
struct lock_fault
{
    bool is_held = false; ///< somebody else has it, or left it behind
    file_fault why;
};
/// Newer Boost wants to know what `result` throws where its value is taken without a look.
[[noreturn]] inline void throw_exception_from_error(const lock_fault& why, const boost::source_location&) { throw why; }

/** The lock of a file that kubectl writes too: `<file>.lock`, which is there while it is held.

    Shape: it is removed with its owner, if it is still the same. It stays when its process is killed, as kubectl's does,
    and nobody removes one of others.
    Source: client-go's `lockFile`.
*/
class lock_file
{
public:
    /// Waits for one that is there. The directory has to exist.
    static boost::system::result<lock_file, lock_fault> take(
        const std::filesystem::path& of, std::chrono::steady_clock::time_point until);

    lock_file(lock_file&& other) noexcept;
    lock_file& operator=(lock_file&&) = delete;
    ~lock_file();

private:
    lock_file(std::filesystem::path path, descriptor file)
        : path_(std::move(path))
        , file_(std::move(file))
    {}

    std::filesystem::path path_; ///< empty once moved from
    descriptor file_;
};

}
