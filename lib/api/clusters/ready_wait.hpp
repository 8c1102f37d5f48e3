#pragma once

#include "api/operation.hpp"

#include <doks/cluster.hpp>

#include <string>

namespace doks::api {

/** Requests a new cluster until it has a kubeconfig; `after_look` decides. On the client's strand.

    A failure of the wait names the state that was seen last.
*/
awaitable<result<cluster>> wait_until_ready(operation& self, std::string id, call_options options);

}
