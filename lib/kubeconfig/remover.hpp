#pragma once

#include "kubeconfig/kubeconfig_set.hpp"

#include <doks/kubeconfig_file.hpp>

#include <optional>
#include <span>
#include <string>

namespace doks::kube {

/** Takes contexts out of a set, with the clusters and users that nothing refers to any more.

    Errors: the name that fits several clusters; nothing was taken out then.
*/
std::optional<std::string> remove_from(kubeconfig_set& set, std::span<const std::string> which, removal& told);

}
