#pragma once

#include <doks/kubeconfig.hpp>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doks {

/// How to merge a kubeconfig whose name for a context, cluster or user belongs to another server or to the user.
enum class name_collision
{
    rename, ///< use the first free name of `<name>-<8 digits of the cluster's UUID>`, then `-2`, `-3` ...
    refuse, ///< fail with `name_taken`, and write nothing
    replace ///< remove the other entry if doks may, as after a cluster was created anew; else as `rename`
};

/// How a merge changes current-context.
enum class current_context
{
    keep,        ///< leave it as it is
    set_to_first ///< set it to the context of the first kubeconfig that is merged
};

/// Options of a merge.
struct merge_options
{
    /// Another name for the context; for one kubeconfig at a time.
    std::string alias{};
    name_collision on_collision = name_collision::rename;
    current_context current = current_context::keep;
    /** The time from the write to a second look at the file, for entries that another writer removed meanwhile; 0: none.

        kubectl reads a kubeconfig before it locks it, and then deletes entries that it did not know.
    */
    std::chrono::milliseconds verify_after{100};
    /// How often removed entries are restored.
    unsigned repairs = 3;
};

/// The effect of a merge on one kubeconfig's entries.
enum class merge_change
{
    unchanged, ///< the context was there, with this credential
    added,     ///< a context was added
    updated    ///< the context was there and has a new credential
};

std::string_view to_string(merge_change change) noexcept;

/// The outcome for one kubeconfig, with the names of its entries in the file.
struct merged_kubeconfig
{
    merge_change change = merge_change::unchanged;
    bool renamed = false;  ///< a name was taken, and another one is used
    bool replaced = false; ///< another cluster's context of that name was removed
    std::string context;
    std::string cluster;
    std::string user;
    std::string server;
};

/// The outcomes of a merge, in the order of its kubeconfigs.
struct merge_result
{
    std::vector<merged_kubeconfig> entries;
    std::vector<std::filesystem::path> written; ///< files that were changed
    unsigned repaired = 0;                      ///< how often entries that another writer removed were restored
    std::vector<std::string> lost;              ///< contexts that another writer removed after the last repair
    bool unverified = false;                    ///< the files were written, but the second look failed or was cancelled
    std::vector<std::string> exposure; ///< for a person: what other users can do with the files that were written
};

/// The outcome of a remove. Entries are named by their context; a cluster without a context by its own name.
struct remove_result
{
    std::vector<std::string> removed;
    std::vector<std::string> unknown;       ///< names that fit nothing
    std::vector<std::string> kept_contexts; ///< contexts of the clusters to remove, with a credential of the user
    std::vector<std::string> kept_users;    ///< users of the removed contexts, with a credential of the user
    std::vector<std::filesystem::path> written;
    bool current_context_cleared = false;
};

/// A context, with the entries that it refers to.
struct kubeconfig_entry
{
    std::string context;
    std::string cluster;
    std::string user;
    std::string name_space;
    std::string server;                  ///< empty if the cluster is missing
    std::string cluster_id;              ///< the UUID that the server's URL names, or empty
    std::optional<credential_kind> kind; ///< nothing if the user is missing, or has another kind of credential
    bool is_current = false;
    std::filesystem::path file;
};

}
