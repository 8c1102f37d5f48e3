#pragma once

#include "cli/clusters/accounts.hpp"
#include "cli/fetch/fetch_job.hpp"
#include "cli/fetch/result_writer.hpp"
#include "cli/options/options.hpp"

#include <doks/bulk.hpp>

#include <boost/asio/awaitable.hpp>

namespace doks::cli {

/// The result of a `fetch_job`.
struct process_result
{
    bulk_summary counts;                            ///< items that could not be stored count as failed
    bool stopped = false;                           ///< by a signal, or since a directory or the report takes no more
    std::map<std::string, not_started> left_over{}; ///< by the client's label

    bool is_complete() const { return counts.failed == 0 && left_over.empty(); }
};

/** Takes every outcome, has `put` store each kubeconfig, and shows the progress.

    SIGINT and SIGTERM stop the bulk with two seconds of grace; every id has its outcome, or was not started.
*/
boost::asio::awaitable<process_result> process_all(
    fetch_job job, item_store put, progress_mode mode, console& log, item_sink report);

}
