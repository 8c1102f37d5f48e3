#pragma once

#include "api/operation.hpp"

#include <doks/kubeconfig.hpp>

#include <string>

namespace doks::api {

/** Renders a kubeconfig whose expiry is exact from the cluster, for its names, and its credentials.

    The cluster is requested first: if that fails, nothing is minted. One deadline for both requests.
*/
awaitable<result<kubeconfig>> fetch_exact_kubeconfig(operation& self, std::string id, call_options options);

}
