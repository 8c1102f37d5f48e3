#include "sim/kube_rights.hpp"

namespace doks::sim {

namespace {

bool reads(std::string_view verb) { return verb == "get" || verb == "list" || verb == "watch"; }

bool writes(std::string_view verb) { return verb == "create" || verb == "update" || verb == "patch"; }

bool is_self_review(const kube_action& what)
{
    return what.verb == "create" && what.group == "authorization.k8s.io" && what.resource.starts_with("selfsubject");
}

}

bool is_allowed(role who, const kube_action& what)
{
    if (is_self_review(what)) return true;
    switch (who) {
    case role::owner:
    case role::member:
        return true;
    case role::modifier:
        if (what.group == "rbac.authorization.k8s.io") return reads(what.verb);
        return reads(what.verb) || writes(what.verb);
    case role::biller:
    case role::billing_viewer:
    case role::resource_viewer:
        return reads(what.verb) && what.resource != "secrets";
    case role::custom:
        break;
    }
    return false;
}

std::string refusal_text(std::string_view user, const kube_action& what)
{
    std::string text = what.resource;
    if (!what.group.empty()) text.append(".").append(what.group);
    if (!what.name.empty()) text.append(" \"").append(what.name).append("\"");
    text.append(" is forbidden: User \"").append(user).append("\" cannot ").append(what.verb);
    text.append(" resource \"").append(what.resource).append("\" in API group \"").append(what.group).append("\" ");
    return what.scope.empty() ? text.append("at the cluster scope")
                              : text.append("in the namespace \"").append(what.scope).append("\"");
}

}
