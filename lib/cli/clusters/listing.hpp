#pragma once

#include "cli/clusters/accounts.hpp"
#include "cli/output/console.hpp"

#include <doks/cluster.hpp>

#include <boost/asio/awaitable.hpp>

#include <vector>

namespace doks::cli {

/// An account and all of its clusters.
struct listing
{
    client of;
    std::vector<cluster> clusters;
};

/** Lists every account's clusters, all accounts at once.

    In the accounts' order. Where there are several, one that cannot be listed is left out and named on `log`.
    Errors: throws the failure where there is one account.
*/
boost::asio::awaitable<std::vector<listing>> list_clusters(const account_set& accounts, console& log);

}
