#pragma once

#include "cli/output/cli_error.hpp"

#include <doks/client.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace doks::cli {

/// Why the text cannot be one segment of a path, as an id or a name has to be; empty if it can.
std::string_view fault_of_segment(std::string_view text);

/// Throws `cli_error` (usage) unless the text can be a cluster's id or name.
void require_reference(std::string_view text);

/// The named clusters, in order and each once, and the names that no cluster has, or several have.
struct resolved_references
{
    std::vector<cluster> clusters;
    std::vector<std::pair<std::string, failure>> unknown;
};

/** Looks up names in one listing. Ids are returned in lower case, as the API writes them.

    Errors: `failure` of the listing.
*/
boost::asio::awaitable<resolved_references> look_up(std::vector<std::string> references, client api);

/// The same, but throws `cli_error` (failed) unless every reference names one cluster.
boost::asio::awaitable<std::vector<cluster>> named_clusters(std::vector<std::string> references, client api);

/// The error for a name that no cluster has, or several have; `why` comes from `cluster_index`.
cli_error named_wrongly(const failure& why);

}
