#pragma once

#include "api/operation.hpp"

#include <doks/kubeconfig.hpp>

#include <string>

namespace doks::api {

/** Renders a kubeconfig with an exact expiry, from the cluster, which has its names, and from the cluster's credentials.

    It requests the cluster first: if that fails, nothing is minted. One deadline bounds both requests. On the client's strand.
*/
awaitable<result<kubeconfig>> fetch_exact_kubeconfig(operation& self, std::string id, call_options options);

}
