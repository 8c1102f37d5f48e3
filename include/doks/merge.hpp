#pragma once

#include <doks/kubeconfig.hpp>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doks {

/// What becomes of a kubeconfig whose name for a context, cluster or user is taken, by another server or by the user.
enum class name_collision
{
    rename, ///< it gets the first of `<name>-<8 digits of the cluster's UUID>`, then `-2`, `-3` ..., that is free
    refuse, ///< `name_taken`, and nothing is written
    replace ///< the other one is taken out if doks may remove it, as after a cluster was made anew; else as `rename`
};

/// What becomes of current-context.
enum class current_context
{
    keep,
    set_to_first ///< the context of the first kubeconfig that is merged
};

struct merge_options
{
    /// The context's name in place of the one it comes with; for one kubeconfig at a time.
    std::string alias{};
    name_collision on_collision = name_collision::rename;
    current_context current = current_context::keep;
    /** How long after a write the file is looked at once more, for what another writer took out of it meanwhile; 0: not.

        kubectl reads a kubeconfig before it locks it, and then deletes what it did not know.
    */
    std::chrono::milliseconds verify_after{100};
    /// How often what was taken out is put in again.
    unsigned repairs = 3;
};

enum class merge_change
{
    unchanged, ///< it was there, with these credentials
    added,     ///< a context was added
    updated    ///< a context that was there was renewed
};

std::string_view to_string(merge_change change) noexcept;

/// What became of one kubeconfig, by the names that its parts have now.
struct merged_kubeconfig
{
    merge_change change = merge_change::unchanged;
    bool renamed = false;  ///< one of the names was taken
    bool replaced = false; ///< another cluster's context of that name was taken out
    std::string context;
    std::string cluster;
    std::string user;
    std::string server;
};

/// What became of all of them, in their order.
struct merge_result
{
    std::vector<merged_kubeconfig> entries;
    std::vector<std::filesystem::path> written; ///< files that were changed; empty if nothing had to be
    unsigned repaired = 0;                      ///< how often another writer took something out that was put in again
    std::vector<std::string> lost;              ///< contexts that another writer took out after the last repair
    bool unverified = false;                    ///< the files were written, but could not be looked at once more
    std::vector<std::string> exposure;          ///< what others can do with the files that were written, for a person
};

/// What was taken out, by context; a cluster that no context named by its own name.
struct remove_result
{
    std::vector<std::string> removed;
    std::vector<std::string> unknown;       ///< what was asked for and is not there
    std::vector<std::string> kept_contexts; ///< of a cluster that was asked for, with a credential of the user's own
    std::vector<std::string> kept_users;    ///< of contexts that were taken out: credentials of the user's own
    std::vector<std::filesystem::path> written;
    bool current_context_cleared = false;
};

/// A context, and what it refers to.
struct kubeconfig_entry
{
    std::string context;
    std::string cluster;
    std::string user;
    std::string name_space;
    std::string server;                  ///< empty where the cluster is not there
    std::string cluster_id;              ///< the UUID that the server's URL names, or empty
    std::optional<credential_kind> kind; ///< nothing where the user is not there, or has another kind of credential
    bool is_current = false;
    std::filesystem::path file;
};

}
