#include "sim/kube/rights.hpp"

namespace doks::sim {

namespace {

bool reads(std::string_view verb) { return verb == "get" || verb == "list" || verb == "watch"; }

bool writes(std::string_view verb) { return verb == "create" || verb == "update" || verb == "patch"; }

bool is_self_review(const kube_action& action)
{
    return action.verb == "create" && action.group == "authorization.k8s.io" &&
           action.resource.starts_with("selfsubject");
}

}

bool is_allowed(role role, const kube_action& action)
{
    if (is_self_review(action)) return true;
    switch (role) {
    case role::owner:
    case role::member:
        return true;
    case role::modifier:
        if (action.group == "rbac.authorization.k8s.io") return reads(action.verb);
        return reads(action.verb) || writes(action.verb);
    case role::biller:
    case role::billing_viewer:
    case role::resource_viewer:
        return reads(action.verb) && action.resource != "secrets";
    case role::custom:
        break;
    }
    return false;
}

std::string refusal_text(std::string_view user, const kube_action& action)
{
    std::string text = action.resource;
    if (!action.group.empty()) text.append(".").append(action.group);
    if (!action.name.empty()) text.append(" \"").append(action.name).append("\"");
    text.append(" is forbidden: User \"").append(user).append("\" cannot ").append(action.verb);
    text.append(" resource \"").append(action.resource).append("\" in API group \"").append(action.group).append("\" ");
    return action.scope.empty() ? text.append("at the cluster scope")
                                : text.append("in the namespace \"").append(action.scope).append("\"");
}

}
