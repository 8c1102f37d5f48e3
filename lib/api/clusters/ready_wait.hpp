#pragma once

#include "api/operation.hpp"

#include <doks/cluster.hpp>

#include <string>

namespace doks::api {

/** Looks at a new cluster until it has a kubeconfig; `after_look` decides.

    Whatever ends the wait, the failure says what was seen last.
*/
awaitable<result<cluster>> wait_until_ready(operation& self, std::string id, call_options options);

}
