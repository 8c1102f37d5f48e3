#pragma once

#include "kubeconfig/file_error.hpp"
#include "kubeconfig/posix/file_status.hpp"

#include <chrono>
#include <filesystem>
#include <stop_token>

namespace doks::kube {

/** The lock of a file that kubectl writes too: `<file>.lock`, which is there while it is held.

    It is removed with its owner, if it is still the same. It stays when its process is killed, as kubectl's does,
    and no process removes another's.
    @see client-go's `lockFile`.
*/
class lock_file
{
public:
    /// Waits for one that is there. The directory has to exist. Errors: `is_locked`: another process has it, or left it
    /// behind; `is_cancelled`.
    static file_result<lock_file> take(
        const std::filesystem::path& of, std::chrono::steady_clock::time_point until, const std::stop_token& stop = {});

    lock_file(lock_file&& other) noexcept = default;
    lock_file& operator=(lock_file&&) = delete;
    ~lock_file();

private:
    lock_file(std::filesystem::path path, descriptor file)
        : path_(std::move(path))
        , file_(std::move(file))
    {}

    std::filesystem::path path_;
    descriptor file_; ///< closed once moved from
};

}
