#pragma once

#include "sim/kube/rights.hpp"

#include <optional>
#include <string_view>

namespace doks::sim {

/** The action that a SelfSubjectAccessReview asks about, from JSON or from Kubernetes' protobuf form.

    kubectl sends protobuf since 1.32, and does not fall back to JSON. nullopt if the body is broken or asks about no
    resource.
*/
std::optional<kube_action> parse_access_review(std::string_view body, std::string_view content_type);

}
