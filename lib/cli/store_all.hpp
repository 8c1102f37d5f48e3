#pragma once

#include "cli/accounts.hpp"
#include "cli/options.hpp"
#include "cli/storage.hpp"
#include "cli/workload.hpp"

#include <doks/bulk.hpp>

#include <boost/asio/awaitable.hpp>

namespace doks::cli {

/// What came of a workload.
struct stored_work
{
    bulk_summary counts;  ///< what could not be stored counts as failed
    bool stopped = false; ///< by a signal, or since a directory or the report takes no more
};

/** Takes every outcome, has `put` store what was fetched, and shows how it gets on.

    Shape: SIGINT and SIGTERM stop the bulk with two seconds of grace; every id still has its outcome.
*/
boost::asio::awaitable<stored_work> store_all(
    workload work, item_store put, progress_mode mode, console& log, item_sink tell);

}
