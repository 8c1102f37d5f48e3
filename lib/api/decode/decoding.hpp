#pragma once

#include "net/call/call.hpp"

#include <doks/cluster.hpp>
#include <doks/failure.hpp>

#include <optional>
#include <string>

namespace doks::api {

/** Make values of responses; on the executor of the user's handler, or on the client's strand for an operation.

    They fail with `unexpected_response` for JSON of another shape, and with `wrong_cluster` for a response about another id
    than the requested one.
*/
result<cluster> decode_cluster(const net::request_spec& asked, net::call_response got);
result<credentials> decode_credentials(const net::request_spec& asked, net::call_response got);
result<cluster_user> decode_cluster_user(const net::request_spec& asked, net::call_response got);

/// The cluster without texts that repeat a secret; nothing if its id does, for an id is used in requests and file names.
std::optional<cluster> without_secrets(cluster from, const net::known_secrets& secrets);

/// The failure of a complete response whose content cannot be used.
failure unusable(const net::request_spec& asked, const call_info& info, const net::known_secrets& secrets,
    boost::system::error_code why, std::string detail);

}
