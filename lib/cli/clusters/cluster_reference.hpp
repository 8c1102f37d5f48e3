#pragma once

#include "cli/output/cli_error.hpp"

#include <doks/client.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace doks::cli {

/** Why the text cannot be one segment of a path, which an id and a name have to be; empty where it can. */
std::string_view fault_of_segment(std::string_view text);

/// Throws `cli_error` (usage) unless the text can be a cluster's id or name.
void require_reference(std::string_view text);

/// The clusters that were named, in this order, each once, and the names that no cluster has, or several.
struct resolved_references
{
    std::vector<cluster> clusters;
    std::vector<std::pair<std::string, failure>> unknown;
};

/** What is not an id is looked up in one listing; an id is in lower case then, as the API writes it.

    Errors: `failure` of the listing.
*/
boost::asio::awaitable<resolved_references> look_up(std::vector<std::string> references, client api);

/// The same where each has to be known: else throws `cli_error` (failed).
boost::asio::awaitable<std::vector<cluster>> named_clusters(std::vector<std::string> references, client api);

/// What is said where no cluster, or several, have a name. `why` is of `cluster_index`, and names it.
cli_error named_wrongly(const failure& why);

}
