#include "sim/kube/discovery.hpp"

#include "sim/parse.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace doks::sim {

namespace json = boost::json;

namespace {

constexpr std::string_view rbac = "rbac.authorization.k8s.io";
constexpr std::string_view authorization = "authorization.k8s.io";

constexpr std::array<kube_kind, 16> kinds{{
    {"", "namespaces", "Namespace", "ns", false, true},
    {"", "nodes", "Node", "no", false, true},
    {"", "pods", "Pod", "po", true, true},
    {"", "services", "Service", "svc", true, true},
    {"", "configmaps", "ConfigMap", "cm", true, true},
    {"", "secrets", "Secret", "", true, true},
    {"", "serviceaccounts", "ServiceAccount", "sa", true, true},
    {"", "events", "Event", "ev", true, true},
    {"apps", "deployments", "Deployment", "deploy", true, true},
    {"apps", "daemonsets", "DaemonSet", "ds", true, true},
    {"apps", "statefulsets", "StatefulSet", "sts", true, true},
    {rbac, "roles", "Role", "", true, true},
    {rbac, "rolebindings", "RoleBinding", "", true, true},
    {rbac, "clusterroles", "ClusterRole", "", false, true},
    {rbac, "clusterrolebindings", "ClusterRoleBinding", "", false, true},
    {authorization, "selfsubjectaccessreviews", "SelfSubjectAccessReview", "", false, false},
}};

constexpr std::array<std::string_view, 3> groups{"apps", authorization, rbac};

json::object resource_body(const kube_kind& kind)
{
    json::array verbs = kind.is_shown ? json::array{"get", "list"} : json::array{"create"};
    json::object body{{"name", kind.resource}, {"singularName", ""}, {"namespaced", kind.namespaced},
        {"kind", kind.kind}, {"verbs", std::move(verbs)}};
    if (!kind.short_name.empty()) body["shortNames"] = json::array{kind.short_name};
    return body;
}

json::object group_fields(std::string_view group)
{
    json::object version{{"groupVersion", group_version(group)}, {"version", "v1"}};
    return {{"name", group}, {"versions", json::array{version}}, {"preferredVersion", version}};
}

}

const kube_kind* find_kind(std::string_view group, std::string_view resource)
{
    auto same = [&](const kube_kind& each) { return each.group == group && each.resource == resource; };
    auto found = std::find_if(kinds.begin(), kinds.end(), same);
    return found == kinds.end() ? nullptr : &*found;
}

std::string group_version(std::string_view group) { return group.empty() ? "v1" : std::string(group) + "/v1"; }

json::object core_versions()
{
    json::object everywhere{{"clientCIDR", "0.0.0.0/0"}, {"serverAddress", "127.0.0.1"}};
    return {{"kind", "APIVersions"}, {"versions", json::array{"v1"}},
        {"serverAddressByClientCIDRs", json::array{std::move(everywhere)}}};
}

json::object group_list()
{
    json::array list;
    for (std::string_view group : groups) list.push_back(group_fields(group));
    return {{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(list)}};
}

std::optional<json::object> group_body(std::string_view group)
{
    if (std::find(groups.begin(), groups.end(), group) == groups.end()) return std::nullopt;
    json::object body = group_fields(group);
    body["kind"] = "APIGroup";
    body["apiVersion"] = "v1";
    return body;
}

std::optional<json::object> resource_list(std::string_view group)
{
    json::array resources;
    for (const kube_kind& each : kinds)
        if (each.group == group) resources.push_back(resource_body(each));
    if (resources.empty()) return std::nullopt;
    return json::object{{"kind", "APIResourceList"}, {"apiVersion", "v1"}, {"groupVersion", group_version(group)},
        {"resources", std::move(resources)}};
}

json::object version_body(std::string_view cluster_version)
{
    std::string_view number = cluster_version.substr(0, cluster_version.find('-'));
    auto parts = split_at(number, '.');
    std::string_view minor = parts.size() > 1 ? parts[1] : std::string_view("0");
    return {{"major", parts[0]}, {"minor", minor}, {"gitVersion", "v" + std::string(number)},
        {"gitCommit", "0000000000000000000000000000000000000000"}, {"gitTreeState", "clean"},
        {"buildDate", "2026-01-01T00:00:00Z"}, {"goVersion", "go1.23.0"}, {"compiler", "gc"},
        {"platform", "linux/amd64"}};
}

}
