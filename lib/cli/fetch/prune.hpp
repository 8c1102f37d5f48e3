#pragma once

#include "cli/clusters/accounts.hpp"
#include "cli/clusters/listing.hpp"
#include "cli/fetch/removal.hpp"
#include "cli/output/console.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace doks::cli {

/// An account's directory as it was before anything was fetched, and what the listing says about it.
struct prune_job
{
    client of;
    std::set<std::string> files; ///< ids
    std::set<std::string> listed;
    listing_judgement judgement;
    std::vector<std::string> foreign; ///< names of files that doks did not write and that no listed cluster has
};

/** Compares each account's directory with its listing.

    Before a fetch: what it adds would make the missing clusters look like a smaller part of the directory.
    Errors: throws `failure` with `unusable_directory`.
*/
boost::asio::awaitable<std::vector<prune_job>> plan_prunes(
    std::vector<listing> listed, directories places, removal_limit limit);

struct prune_options
{
    removal_limit limit = removal_limit::half;
    /// The time between the two looks, in which a 404 that lasts for seconds passes.
    std::chrono::steady_clock::duration gap = std::chrono::seconds(5);
};

enum class prune_outcome
{
    done,
    failed ///< something was not removed that might be gone; each reason was logged
};

/** Removes the files of clusters that the API does not know, each account's from its own directory.

    A file is removed only if two looks found its cluster absent: a complete listing without it and a 404 for its id, and
    the same once more after the gap. Each removal is a line for `report`. Files that doks did not write are left, and named
    on `log`. A directory whose account is not in `jobs` is not touched. A failure is logged, and the others are pruned.
*/
boost::asio::awaitable<prune_outcome> prune(std::vector<prune_job> jobs, directories places, account_set accounts,
    prune_options options, std::function<void(const std::string&)> report, console& log);

}
