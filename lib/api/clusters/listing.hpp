#pragma once

#include "api/operation.hpp"

#include <doks/cluster.hpp>

#include <vector>

namespace doks::api {

/** Requests every page of the cluster list, one after the other, within one deadline.

    `cluster_pages` decides whether they make a complete list; if not, they are requested again after a short pause. A page
    that fails fails the whole, except one that is too large (250 nodes make a cluster 50 KB): from then on this client
    requests a quarter as many clusters on a page. On the client's strand.
*/
awaitable<result<std::vector<cluster>>> list_clusters(operation& self, call_options options);

}
