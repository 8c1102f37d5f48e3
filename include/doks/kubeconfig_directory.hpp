#pragma once

#include <doks/bulk.hpp>
#include <doks/kubeconfig.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doks {

/** A directory of kubeconfigs: `<cluster-id>.yaml` each, and one index of what is known of them.

    Shape: a handle; copies share one worker thread, on which everything that waits for the disk runs. Files have mode
    0600 and are replaced in one step: a reader, and a crash at any moment, sees the old bytes or the new ones.
    Several processes may use one directory at once.
    Errors: `failure` with `unusable_directory` that names the path: it cannot be created, belongs to somebody else, is
    writable for others, is full, or its index is from a newer version. Files of other names are left alone.
    Threads: any.
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

        Shape: what it needs of the item is copied before it returns. It completes when the file would survive a loss of
        power; puts that wait at the same time share the disk's latency.
        Errors: throws `failure`: the item's own where it has no kubeconfig; `not_a_kubeconfig` where it cannot be
        parsed, for the index holds its kind and expiry; `wrong_cluster` where it names another one; `invalid_argument`
        where the id is no file name; `unusable_directory`.
        Cancel: not before the write is over; half a file is never seen. The executor's context has to live until then.
        Cost: two or three waits for the disk.
    */
    boost::asio::awaitable<void> put(const bulk_item& item);

    /// The stored kubeconfig, if there is one that can be read; expired or not.
    std::optional<kubeconfig> get(std::string_view cluster_id) const;

    /** For `bulk_options::fresh`: the stored kubeconfig, if it stays valid for at least `margin` from now.

        Shape: a function that may outlive this object. It gives nothing for a file that the index does not know byte
        for byte, that cannot be parsed, that names another cluster or whose expiry is unknown, as an exec entry's is.
        Cost: one file read and parsed a call, on the caller's thread; it does not wait for writes.
    */
    freshness fresh_for(std::chrono::steady_clock::duration margin) const;

private:
    struct state;
    std::shared_ptr<state> state_;
};

}
