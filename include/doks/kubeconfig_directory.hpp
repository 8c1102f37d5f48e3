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
    half, ///< at most half of the files that it considers
    all   ///< every file
};

/// The outcome of a prune.
struct prune_result
{
    std::vector<std::string> removed; ///< ids
    std::vector<std::string> left;    ///< names of files of no listed cluster that another program wrote or changed
};

/// A file that doks wrote, as the index lists it.
struct stored_entry
{
    std::string id;
    std::optional<std::chrono::system_clock::time_point> expires_at; ///< nothing if it is not known
};

/// The `*.yaml` files of a directory.
struct directory_contents
{
    std::vector<stored_entry> entries;
    std::vector<std::string> foreign; ///< names of files that the index does not list
};

/** A change of an id's file.

    With `config` the file is there now; with neither `config` nor `error` it is gone. With `error` alone the file cannot be
    used: another program wrote or changed it, or it is no regular file; the error names it. An error with an empty id
    concerns the directory itself.
*/
struct directory_change
{
    std::string id;
    std::optional<kubeconfig> config;
    failure error;
};

/** A directory of kubeconfigs: one file `<cluster-id>.yaml` each, and an index of them.

    A handle; copies share one thread, and whatever waits for the disk runs there. Files have mode 0600 and are replaced in
    one step: a reader, and a crash at any moment, sees the old bytes or the new ones. Several processes may use one
    directory at once. Files of other names are not touched. The `try_` form of a call returns a `result` instead of throwing.
    @throws failure with `unusable_directory` that names the path: it cannot be created, belongs to another user, is
    writable for others, is full, cannot be written to, was moved away meanwhile, or its index is from a newer version
    @par Executor
    A coroutine resumes on the executor on which it was awaited.
    @par Cancellation
    None unless a call says otherwise: what was begun is finished. If the coroutine's execution context is destroyed first,
    so is the coroutine.
    @par Thread safety
    Any thread may call any member of any copy.
*/
class kubeconfig_directory
{
public:
    /// Creates the directory (mode 0700) and its parents if they are missing, and reads the index. It blocks meanwhile.
    explicit kubeconfig_directory(std::filesystem::path path);

    const std::filesystem::path& path() const noexcept;

    /// Numbers of index lines that could not be read; their kubeconfigs are not fresh. Empty in a sound directory.
    std::vector<std::size_t> damaged_index_lines() const;

    /** Writes the kubeconfig of a bulk's item, unless it was `fresh`: then it is on disk already.

        The item may be destroyed once this has returned. The coroutine completes when the file would survive a loss of power;
        puts that wait at the same time share the disk's latency.
        @throws failure of the item itself if it has no kubeconfig; with `not_a_kubeconfig` if it cannot be parsed, for the
        index holds its kind and expiry; `wrong_cluster` if it names another one; `invalid_argument` if the id is no file
        name; `unusable_directory`
        @par Cost
        Two or three waits for the disk.
    */
    boost::asio::awaitable<void> put(const bulk_item& item);
    /// The same for a kubeconfig without a bulk. Only the cluster's id is required; names and regions in the index stay.
    boost::asio::awaitable<void> put(kubeconfig config, cluster cluster, std::string label = {});
    boost::asio::awaitable<result<void>> try_put(const bulk_item& item);
    boost::asio::awaitable<result<void>> try_put(kubeconfig config, cluster cluster, std::string label = {});

    /** Removes the files of clusters that are not listed, and their entries in the index.

        It removes only files that are as doks wrote them, byte for byte. A `*.yaml` that another program wrote or changed,
        or that is no regular file, stays and is named in `left`. With a label, it considers only files that were put under
        that label. The list has to be complete, current, and of the directory's own account. Even a complete listing can lack
        a cluster that moved between two of its pages, so ask for each by its id before (`client::cluster`). Prune before you
        put anything of the listing, for the limit counts the files that are there.
        @throws failure with `invalid_argument` if more files would go than the limit allows, as with an empty list or
        another account's: nothing is removed; with `unusable_directory`: some of the files may be gone
    */
    boost::asio::awaitable<prune_result> prune(std::vector<cluster> listed,
        std::optional<std::string> label = std::nullopt, prune_limit limit = prune_limit::half);
    boost::asio::awaitable<result<prune_result>> try_prune(std::vector<cluster> listed,
        std::optional<std::string> label = std::nullopt, prune_limit limit = prune_limit::half);

    /** Removes one file, for example because its credential was refused or its cluster is gone.

        @return true if it was removed; a file that another program wrote or changed stays
        @throws failure with `invalid_argument` if the id is no file name; `unusable_directory`
    */
    boost::asio::awaitable<bool> erase(std::string cluster_id);
    boost::asio::awaitable<result<bool>> try_erase(std::string cluster_id);

    /** Removes the file of a cluster if its credential has expired.

        @return true if it was removed; false if it is valid, for example because another process has renewed it, if its
        expiry is not known, or if there is no file of doks
        @throws failure as `erase` does
    */
    boost::asio::awaitable<bool> erase_expired(std::string cluster_id);
    boost::asio::awaitable<result<bool>> try_erase_expired(std::string cluster_id);

    /** Lists the files without reading them.

        @param label limits the entries to those that were put under it; foreign names are listed all the same
        @throws failure with `unusable_directory`
    */
    boost::asio::awaitable<directory_contents> contents(std::optional<std::string> label = std::nullopt);
    boost::asio::awaitable<result<directory_contents>> try_contents(std::optional<std::string> label = std::nullopt);

    /** Locks a name among all users of the directory, in every process: a cluster's id, for example, while a credential is
        minted for it. No other call of this class waits for such a lock.

        @return an object that holds the lock until its last copy is destroyed or the process ends; null if another user
        held the lock for longer than `timeout`
        @throws failure with `invalid_argument` if the name cannot be part of a file name; `unusable_directory`
        @par Cancellation
        It completes with null.
    */
    boost::asio::awaitable<std::shared_ptr<void>> lock(std::string name, std::chrono::steady_clock::duration timeout);
    boost::asio::awaitable<result<std::shared_ptr<void>>> try_lock(
        std::string name, std::chrono::steady_clock::duration timeout);

    /** Reports every file that any process puts or removes, beginning with those that are there now.

        A change may be reported twice. The kernel reports changes and nothing is polled; changes by other machines on a
        network file system are not reported. The stream keeps the directory's thread going after this object is gone. If the
        directory cannot be watched or was moved away, it ends after an error with an empty id.
        @par Thread safety
        One `next()` at a time. The executor's context has work only while a `next()` waits.
        @par Cost
        One file read on the directory's thread for each change.
    */
    stream<directory_change> changes();

    /// The stored kubeconfig, expired or not; nothing if there is none that can be read. It blocks while it reads the file.
    std::optional<kubeconfig> get(std::string_view cluster_id) const;

    /** For `bulk_options::fresh`: returns the stored kubeconfig if it stays valid for at least `margin` from now.

        The function may outlive this object. It returns nothing for a file that another program changed, that cannot be
        parsed, that names another cluster, or whose expiry is unknown, as that of an exec entry; nor for a file that was
        written in the future, for then this machine's clock cannot be trusted.
        @par Cost
        Each call reads and parses one file on the caller's thread; it does not wait for writes.
    */
    freshness fresh_for(std::chrono::steady_clock::duration margin) const;

private:
    friend struct kube::directory_access;
    struct state;
    std::shared_ptr<state> state_;
};

}
