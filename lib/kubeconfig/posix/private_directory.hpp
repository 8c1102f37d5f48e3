#pragma once

#include "kubeconfig/file_error.hpp"
#include "kubeconfig/posix/file_status.hpp"
#include "kubeconfig/posix/staged_file.hpp"

#include <doks/secret.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace doks::kube {

/// Which directories are taken.
enum class directory_use
{
    private_only,
    shared ///< also root's, and those that others may write to, as kubectl does
};

/** A directory for secrets: files of mode 0600, replaced in one step, by several processes at once.

    Names are single path segments, resolved in the directory as it was opened. No symbolic link is followed, and
    nothing but regular files is opened. Everything is close-on-exec.
    Threads: any.
*/
class private_directory
{
public:
    /** Creates it and its parents with mode 0700 where they are missing.

        Errors: it is a file, is writable for others, belongs to another user (root may use any), cannot be written to.
    */
    static file_result<private_directory> open(
        const std::filesystem::path& path, directory_use use = directory_use::private_only);

    const std::filesystem::path& path() const noexcept { return path_; }
    /// The same from the root on, whatever the working directory is by now.
    const std::filesystem::path& place() const noexcept { return place_; }

    /// An error if the path names another directory by now, or none.
    std::optional<file_error> moved() const;
    /** Uses the directory that the path names by now; it is created where it is missing.

        Errors: as `open`; the old one stays in use then. Files that are staged meanwhile cannot be published.
    */
    std::optional<file_error> open_again() const;

    /** Locks out other processes and other objects like this one until the descriptor is closed; refuses if `moved`.

        A lock goes with its holder, however that ends. Each name is a lock of its own.
        Errors: `is_locked` where another holds it for longer than `patience`.
    */
    file_result<descriptor> lock(std::chrono::steady_clock::duration patience, const std::string& name = ".lock") const;
    /// The same without patience, until what is returned is destroyed. Its file goes with it: there may be many names.
    file_result<std::shared_ptr<void>> temporary_lock(const std::string& name) const;
    /// From this time on no lock is waited for. Any thread.
    void end_waiting(std::chrono::steady_clock::time_point at) const noexcept;

    /// Writes and syncs; nothing is seen under `name` before `publish`.
    file_result<staged_file> stage(
        const std::string& name, std::string_view bytes, file_rights rights = file_rights::private_only) const;
    /// Errors: EBUSY: the file is a mount of its own, which nothing can be renamed over.
    std::optional<file_error> publish(staged_file& file) const;
    /// Makes names that were published durable.
    std::optional<file_error> sync() const;

    /// Appends whole lines and syncs; a last line that was cut short is ended first. Nothing is appended on failure.
    std::optional<file_error> append_lines(const std::string& name, std::string_view lines) const;

    /// Nothing if there is no such file; an odd one if it is larger than `limit` or no regular file.
    file_result<std::optional<secret_bytes>> read(const std::string& name, std::size_t limit) const;
    file_stamp stamp(const std::string& name) const noexcept;
    /// A file that is published under its name would fail.
    bool is_folder(const std::string& name) const noexcept;

    /// A file that is not there counts as removed.
    std::optional<file_error> remove(const std::string& name) const;
    /// Of everything that is in it, sorted.
    file_result<std::vector<std::string>> names() const;
    /// Removes staged files whose writer is gone; with a name, those that were to be published under it.
    void remove_leftovers(std::string_view of = {}) const;

private:
    private_directory(std::filesystem::path path, std::filesystem::path place, descriptor directory)
        : path_(std::move(path))
        , place_(std::move(place))
        , directory_(std::make_shared<descriptor>(std::move(directory)))
    {}

    file_error error_at(int error, const std::string& name) const;
    std::optional<file_error> why_not_ours(const struct stat& status, const std::string& name) const;
    file_result<descriptor> open_lock(const std::string& name) const;

    std::filesystem::path path_;
    std::filesystem::path place_;
    std::shared_ptr<descriptor> directory_; ///< temporary locks share it
    using ticks = std::atomic<std::chrono::steady_clock::rep>;
    std::shared_ptr<ticks> ends_waiting_ =
        std::make_shared<ticks>((std::chrono::steady_clock::time_point::max)().time_since_epoch().count());
};

}
