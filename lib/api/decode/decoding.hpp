#pragma once

#include "net/call/call.hpp"

#include <doks/cluster.hpp>
#include <doks/failure.hpp>

#include <optional>
#include <string>

namespace doks::api {

/** What answers hold, or the failure that they are: JSON of another shape, a response for another id than the one asked for.

    Errors: `unexpected_answer`, `wrong_cluster`.
*/
result<cluster> decode_cluster(const net::request_spec& asked, net::call_response got);
result<credentials> decode_credentials(const net::request_spec& asked, net::call_response got);
result<cluster_user> decode_cluster_user(const net::request_spec& asked, net::call_response got);

/// The cluster with no text that repeats a secret; nothing if its id does, for by its id it is asked for and stored.
std::optional<cluster> without_secrets(cluster from, const net::known_secrets& secrets);

/// The failure of a response that came whole and says something that cannot be used.
failure unusable(const net::request_spec& asked, const call_info& info, const net::known_secrets& secrets,
    boost::system::error_code why, std::string detail);

}
