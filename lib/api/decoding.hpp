#pragma once

#include "net/call.hpp"

#include <doks/cluster.hpp>
#include <doks/failure.hpp>

namespace doks::api {

/** What answers hold, or the failure that they are: JSON of another shape, an answer for another id than the one asked for.

    Errors: `unexpected_answer`, `wrong_cluster`.
*/
result<cluster> decode_cluster(const net::call_plan& asked, net::reply got);
result<credentials> decode_credentials(const net::call_plan& asked, net::reply got);
result<cluster_user> decode_cluster_user(const net::call_plan& asked, net::reply got);

/// The failure of an answer that came whole and says something that cannot be used.
failure unusable(const net::call_plan& asked, const call_info& info, boost::system::error_code why, std::string detail);

}
