#pragma once

#include <doks/abi.hpp>
#include <doks/bulk.hpp>
#include <doks/cluster.hpp>
#include <doks/kubeconfig.hpp>
#include <doks/stream.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doks {

namespace kube {
struct directory_access;
}

/// How much of a directory a prune may remove.
enum class prune_limit
{
    half, ///< at most half of the files that it looks at
    all
};

/// The ids whose files a prune removed, and the names of files of no listed cluster that are not doks' to remove.
struct prune_result
{
    std::vector<std::string> removed;
    std::vector<std::string> left;
};

/// A file that doks put into a directory, as the index knows it.
struct stored_entry
{
    std::string id;
    std::optional<std::chrono::system_clock::time_point> expires_at; ///< nothing: it is not known
};

/// The `*.yaml` of a directory, by their names.
struct directory_contents
{
    std::vector<stored_entry> entries;
    std::vector<std::string> foreign; ///< names of files that the index does not know
};

/** What happened to the file of an id.

    With `config` the file is there now; without `config` and `error` it is gone. With `error` alone the file, which the
    error names, cannot be used: another program wrote or changed it, or it is no regular file. An error with an empty id
    is about the directory itself.
*/
struct directory_change
{
    std::string id;
    std::optional<kubeconfig> config;
    failure error;
};

/** A directory of kubeconfigs: one file `<cluster-id>.yaml` each, and an index of them.

    A handle; copies share one thread, on which everything runs that waits for the disk. Files have mode 0600 and are replaced in one step: a reader, and a crash at any moment, sees the old bytes or the new ones.
    Several processes may use one directory at once.
    @throws failure with `unusable_directory` that names the path: it cannot be created, belongs to another user, is
    writable for others, is full, cannot be written to, was moved away meanwhile, or its index is from a newer version.
    Files of other names are left alone. The `try_` form of a call completes with a `result` instead of throwing.
    @par Threads
    Any.
*/
class kubeconfig_directory
{
public:
    /// Creates the directory (mode 0700) and its parents where they are missing, and reads the index. Blocks meanwhile.
    explicit kubeconfig_directory(std::filesystem::path path);

    const std::filesystem::path& path() const noexcept;

    /// Lines of the index that could not be read, by number; their kubeconfigs are not fresh. Empty in a sound directory.
    std::vector<std::size_t> damaged_index_lines() const;

    /** Writes the kubeconfig of a bulk's item; an item that was `fresh` is on disk already.

        The item may be destroyed once this has returned. The call completes when the file would survive a loss of power;
        puts that wait at the same time share the disk's latency.
        @throws failure: the item's own where it has no kubeconfig; `not_a_kubeconfig` where it cannot be
        parsed, for the index holds its kind and expiry; `wrong_cluster` where it names another one; `invalid_argument`
        where the id is no file name; `unusable_directory`.
        @par Cancellation
        None: the file is written anyway. If the coroutine's execution context is destroyed first, so is the coroutine.
        @par Cost
        Two or three waits for the disk.
    */
    boost::asio::awaitable<void> put(const bulk_item& item);
    /// The same for a kubeconfig without a bulk. Of the cluster only the id is required; known names and regions stay.
    boost::asio::awaitable<void> put(kubeconfig config, cluster about, std::string label = {});
    boost::asio::awaitable<result<void>> try_put(const bulk_item& item);
    boost::asio::awaitable<result<void>> try_put(kubeconfig config, cluster about, std::string label = {});

    /** Removes the files of clusters that are not listed, and what the index holds of them.

        It removes only files that the index knows byte for byte. A `*.yaml` that another program wrote or changed, or that
        is no regular file, stays and is named in `left`; other names are not looked at. With a label only what was put
        under it is looked at: others may use the directory too.
        The list has to be complete, of the directory's own account, and of now. Even a complete listing can lack a cluster
        that moved between two of its pages, so ask for each by its id before (`client::cluster`). Prune before anything
        of the listing is put, for the limit counts the files that are there.
        @throws failure: `invalid_argument` where more files would go than the limit allows, as with an empty list or
        another account's, and nothing is removed then; `unusable_directory`, and some of the files may be gone.
        @par Cancellation
        As for `put`.
    */
    boost::asio::awaitable<prune_result> prune(std::vector<cluster> listed,
        std::optional<std::string> label = std::nullopt, prune_limit limit = prune_limit::half);
    boost::asio::awaitable<result<prune_result>> try_prune(std::vector<cluster> listed,
        std::optional<std::string> label = std::nullopt, prune_limit limit = prune_limit::half);

    /** Removes one, for example because its credential was refused or its cluster is gone.

        @return true if there was a file of doks'; a file that another program wrote or changed stays
        @throws failure: `invalid_argument` where the id is no file name; `unusable_directory`.
        @par Cancellation
        As for `put`.
    */
    boost::asio::awaitable<bool> erase(std::string cluster_id);
    boost::asio::awaitable<result<bool>> try_erase(std::string cluster_id);

    /** Removes the file of a cluster if its credential has expired.

        @return  true if it was removed; false if it is valid, for example because another process has renewed it, if its
                 expiry is not known, or if there is no file that doks put there
        @throws  failure as `erase` does
        @par Cancellation as for `put`
    */
    boost::asio::awaitable<bool> erase_expired(std::string cluster_id);
    boost::asio::awaitable<result<bool>> try_erase_expired(std::string cluster_id);

    /** Lists the files without reading them.

        @param label lists only entries that were put under this label; every foreign name is listed all the same
        @throws failure `unusable_directory`
        @par Cancellation as for `put`
    */
    boost::asio::awaitable<directory_contents> contents(std::optional<std::string> label = std::nullopt);
    boost::asio::awaitable<result<directory_contents>> try_contents(std::optional<std::string> label = std::nullopt);

    /** Locks a name of the caller's choice among all users of the directory, in every process: a cluster's id, for
        example, while a credential is minted for it. Nothing in this class waits for such a lock.

        @return  an object that holds the lock until its last copy is destroyed or the process ends; null if another one
                 held the lock for longer than `patience`
        @throws  failure `invalid_argument` where the name cannot be part of a file name; `unusable_directory`
        @par Cancellation total: it completes with null
    */
    boost::asio::awaitable<std::shared_ptr<void>> lock(std::string name, std::chrono::steady_clock::duration patience);
    boost::asio::awaitable<result<std::shared_ptr<void>>> try_lock(
        std::string name, std::chrono::steady_clock::duration patience);

    /** Every file that any process puts or removes.

        It begins with the files that are there now; a change may be reported twice. The kernel reports changes, so nothing
        is polled; those of other machines on a network file system are not reported. The stream keeps
        the directory's thread going after this object is gone. It ends, after an error with an empty id, where the
        directory cannot be watched or was moved away.
        @par Threads
        One `next()` at a time. The executor's context has work only while a `next()` waits.
        @par Cost
        A file read on the directory's thread for each change.
    */
    stream<directory_change> changes();

    /// The stored kubeconfig, if there is one that can be read; expired or not.
    std::optional<kubeconfig> get(std::string_view cluster_id) const;

    /** For `bulk_options::fresh`: the stored kubeconfig, if it stays valid for at least `margin` from now.

        A function that may outlive this object. It gives nothing for a file that the index does not know byte
        for byte, that cannot be parsed, that names another cluster or whose expiry is unknown, as an exec entry's is;
        nor for one that was written in the future, for then the clock of this machine tells nothing.
        @par Cost
        One file read and parsed a call, on the caller's thread; it does not wait for writes.
    */
    freshness fresh_for(std::chrono::steady_clock::duration margin) const;

private:
    friend struct kube::directory_access;
    struct state;
    std::shared_ptr<state> state_;
};

}
