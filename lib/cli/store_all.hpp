#pragma once

#include "cli/options.hpp"
#include "cli/storage.hpp"
#include "cli/surroundings.hpp"

#include <doks/bulk.hpp>
#include <doks/kubeconfig_directory.hpp>

#include <boost/asio/awaitable.hpp>

namespace doks::cli {

/// Options for a bulk that has its client to itself: every connection, and every slot of the quota.
bulk_options sole_user_options(const watched_client& from);

/** Takes every outcome of the bulk, stores what was fetched in the directory, and shows how it gets on.

    Shape: the counts at the end; what could not be stored counts as failed. SIGINT and SIGTERM stop the bulk with two
    seconds of grace; every id still has its outcome.
*/
boost::asio::awaitable<bulk_summary> store_all(bulk all, kubeconfig_directory directory, const watched_client& from,
    progress_mode mode, console& log, item_sink tell);

}
