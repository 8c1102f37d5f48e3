#pragma once

#include "cli/accounts.hpp"
#include "cli/console.hpp"
#include "cli/listing.hpp"

#include <boost/asio/awaitable.hpp>

#include <vector>

namespace doks::cli {

enum class prune_outcome
{
    done,
    failed
};

/** Removes the files of clusters that are not listed, each account's from its own directory.

    Shape: a report line for each that went; files that are not doks' own are left, and named on `log`. A directory of an
    account that is not in `listed` is not touched. What fails is named there, and the others are pruned.
*/
boost::asio::awaitable<prune_outcome> prune(
    std::vector<listing> listed, directories places, accounts from, console& log);

}
