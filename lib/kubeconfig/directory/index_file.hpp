#pragma once

#include "kubeconfig/directory/index.hpp"
#include "kubeconfig/file_error.hpp"
#include "kubeconfig/posix/private_directory.hpp"

#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doks::kube {

/** The index as a file of a directory, which other processes append to and replace.

    It is read again where it changed. Readers need no lock; who appends holds the directory's, and its own lines
    are taken over without reading them.
    Errors: an index that is of a newer version, too large or no regular file; to readers it is empty then.
    Threads: any.
*/
class index_file
{
public:
    explicit index_file(const private_directory& directory)
        : directory_(directory)
    {}

    std::optional<index_record> find(std::string_view id);
    /// As of the last look at the file.
    std::vector<std::size_t> damaged_lines() const;

    // Under the directory's lock:

    std::optional<file_error> why_unusable();
    std::vector<std::string> ids();
    /// Appends and syncs whole lines. A file that has grown is written anew, so that years do not fill the disk.
    std::optional<file_error> append(std::string_view lines);
    std::optional<file_error> compact_if_worth();

private:
    std::optional<file_error> refresh();
    std::optional<file_error> replace(const std::string& text);

    const private_directory& directory_;
    mutable std::mutex mutex_;
    index index_;
    file_stamp seen_;
    std::optional<file_error> error_;
};

}
