#pragma once

#include "kubeconfig/ambiguity.hpp"
#include "kubeconfig/kubeconfig_set.hpp"

#include <doks/kubeconfig_file.hpp>

#include <optional>
#include <span>
#include <string>

namespace doks::kube {

/** Takes contexts out of a set, with the clusters and users that are ours and that nothing refers to any more.

    Errors: a word that fits several; nothing was taken out then.
*/
std::optional<ambiguity> remove_from(kubeconfig_set& set, std::span<const std::string> which, removal& told);

/// Takes out one context of ours, in the same way; current-context stays.
void take_out(kubeconfig_set& set, entry_place context);

}
