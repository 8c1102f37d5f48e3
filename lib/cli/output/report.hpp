#pragma once

#include "cli/fetch/result_writer.hpp"

#include <doks/bulk.hpp>
#include <doks/cluster.hpp>
#include <doks/keeper.hpp>
#include <doks/kubeconfig_file.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doks::cli {

/// The outcome of one id of a bulk.
enum class outcome
{
    fetched,
    fresh,
    not_ready,
    gone,
    failed
};

std::string_view to_string(outcome value) noexcept;
outcome outcome_of(const bulk_item& item);

/** One JSON line `{"id","outcome","attempts","status","error","request_id"}`, and `"context"` unless that is empty.

    `attempts` counts every time the request was sent, a resend on another connection included; `status` is the
    last response's, null if none came; `error` is null unless the outcome is not_ready, gone or failed.
*/
std::string report_line(const bulk_item& item, const std::string& context = {});

/// One such line for all that were not started: its outcome is `not_started`, `id` is null, and `count` tells how many there are.
std::string not_started_line(const not_started& rest, const std::string& context = {});
/// Why they were not, without the operation of one of them.
std::string reason_for(const failure& why);

/// The same line for a file that was removed: its outcome is `pruned`.
std::string pruned_line(const std::string& id, const std::string& context = {});

/** What became of a credential that is kept, as one JSON line:
    {"id","outcome","valid_until","error"}, and "context" where that is not empty.

    `outcome` is renewed, failing, gone or not_stored; `valid_until` is RFC 3339, null where nothing is held.
*/
std::string change_line(const renewal_event& change, const std::string& context = {});

/** What becomes of a stored file that no kept cluster has, as the same line.

    `outcome` is deselected: it is not renewed any more; or expired: so it was removed.
*/
std::string leftover_line(const std::string& id, std::string_view outcome,
    const std::optional<std::chrono::system_clock::time_point>& valid_until, const std::string& context = {});

/// What became of a cluster whose kubeconfig was to be saved.
struct saved_row
{
    const bulk_item* item;
    std::string context{};                    ///< doctl's, or empty
    const merged_kubeconfig* entry = nullptr; ///< where it came to stand in kubectl's file
};

/** One JSON line {"id","outcome","entry","renamed","error","request_id"}, and "context" unless that is empty.

    `outcome` is added, updated or unchanged; else not_ready, gone or failed. `entry` is the name of the context in
    kubectl's file.
*/
std::string saved_line(const saved_row& row);
/// The same as an aligned table: outcome, entry, id; a first column names the context where any row has one.
std::string saved_table(const std::vector<saved_row>& rows);

/// One JSON line with everything that the API tells of the cluster, and its context unless that is empty.
std::string cluster_line(const cluster& listed, const std::string& context = {});

/// A cluster, and the context that lists it.
struct cluster_row
{
    std::string context;
    const cluster* listed;
};

/** The clusters as an aligned table: id, name, region, version, state; empty where there are none.

    A first column names the context where any row has one.
*/
std::string cluster_table(const std::vector<cluster_row>& rows);

}
