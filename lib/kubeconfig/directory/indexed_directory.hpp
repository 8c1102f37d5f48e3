#pragma once

#include "kubeconfig/directory/index_file.hpp"
#include "kubeconfig/file_error.hpp"
#include "kubeconfig/posix/private_directory.hpp"

#include <doks/kubeconfig.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace doks::kube {

/** What is on disk for an id.

    `record` is the index's if it is about exactly these bytes: when they were written, the expiry that was asked
    for, when they expire. Without one another program wrote or changed the file, and nothing is known beyond it.
*/
struct stored_kubeconfig
{
    doks::kubeconfig config;
    std::optional<index_record> record;
};

/** How long a stored credential stays valid by this machine's clock; nothing where that is not known.

    That is so without a record, without an expiry, as of an exec entry, and where it was written in the future: then the
    clock is wrong, and with it whatever it says of an expiry.
*/
std::optional<std::chrono::nanoseconds> time_left(
    const stored_kubeconfig& stored, std::chrono::system_clock::time_point now);

/// Whose the file of an id is; doks' are those that the index knows byte for byte.
enum class file_owner
{
    none, ///< there is no file
    doks,
    foreign
};

/// The error of a directory, whatever the system said.
file_error unusable(file_error error);

/// The error of an id that cannot be the name of a file.
file_error no_file_name();

/** A directory of kubeconfigs and the index beside them.

    Threads: any.
*/
class indexed_directory
{
public:
    explicit indexed_directory(private_directory opened)
        : files_(std::move(opened))
        , index_(files_)
    {}
    indexed_directory(const indexed_directory&) = delete;
    indexed_directory& operator=(const indexed_directory&) = delete;

    const private_directory& files() const noexcept { return files_; }
    index_file& index() const noexcept { return index_; }

    /// Locks out other writers until the descriptor is closed. Errors: also an index that cannot be written to.
    file_result<descriptor> lock(std::chrono::steady_clock::duration patience = std::chrono::seconds(10)) const;
    /// Nothing if there is no file.
    file_result<std::optional<stored_kubeconfig>> read(std::string_view id) const;
    file_result<file_owner> owner_of(std::string_view id) const;

private:
    private_directory files_;
    mutable index_file index_;
};

}
