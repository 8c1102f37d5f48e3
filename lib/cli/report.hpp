#pragma once

#include <doks/bulk.hpp>
#include <doks/cluster.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace doks::cli {

/// What became of one id of a bulk.
enum class outcome
{
    fetched,
    fresh,
    not_ready,
    gone,
    failed
};

std::string_view to_string(outcome what) noexcept;
outcome outcome_of(const bulk_item& item);

/** One JSON line `{"id","outcome","attempts","status","error","request_id"}`.

    Shape: `attempts` counts every time the request was sent, a resend on another connection included; `status` is the
    last answer's, null where none came; `error` is null unless the outcome is not_ready, gone or failed.
*/
std::string report_line(const bulk_item& item);

/// One JSON line with everything that the API tells of the cluster.
std::string cluster_line(const cluster& listed);

/// The clusters as an aligned table: id, name, region, version, state. Empty where there are none.
std::string cluster_table(const std::vector<cluster>& clusters);

}
