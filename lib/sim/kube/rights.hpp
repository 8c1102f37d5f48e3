#pragma once

#include <doks/sim/options.hpp>

#include <string>
#include <string_view>

namespace doks::sim {

/** What a request to a Kubernetes API wants to do, in the words of its authorization. */
struct kube_action
{
    std::string verb{};  ///< get, list, watch, create, update, patch, delete.
    std::string group{}; ///< Empty is the core group.
    std::string resource{};
    std::string scope{}; ///< Namespace; empty is the whole cluster.
    std::string name{};
};

/** DigitalOcean's mapping of its predefined roles to rights inside a cluster; a custom role has none. */
bool is_allowed(role role, const kube_action& action);

/** `User "x" cannot list resource "pods" ...`, as Kubernetes words a refusal. */
std::string refusal_text(std::string_view user, const kube_action& action);

}
