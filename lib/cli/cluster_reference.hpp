#pragma once

#include "cli/problem.hpp"
#include "kubeconfig/read/server_key.hpp"

#include <doks/client.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace doks::cli {

using kube::is_uuid;

/** Why the text cannot be one segment of a path, which an id and a name have to be; empty where it can. */
std::string_view fault_of_segment(std::string_view text);

/// Throws `problem` (usage) unless the text can be a cluster's id or name.
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

/// The same where each has to be known: else throws `problem` (failed).
boost::asio::awaitable<std::vector<cluster>> named_clusters(std::vector<std::string> references, client api);

/// What is said where `client::find_cluster` found no cluster of this name, or several.
problem named_wrongly(std::string_view name, const failure& why);

}
