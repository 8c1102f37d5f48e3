#include "sim/kube/objects.hpp"

#include "sim/dates.hpp"
#include "sim/parse.hpp"

#include <boost/json/array.hpp>

#include <array>

namespace doks::sim {

namespace json = boost::json;

namespace {

struct object_name
{
    std::string_view resource;
    std::string_view scope; ///< Namespace; empty is the whole cluster.
    std::string_view name;
};

constexpr std::array<object_name, 17> object_names{{
    {"namespaces", "", "default"},
    {"namespaces", "", "kube-node-lease"},
    {"namespaces", "", "kube-public"},
    {"namespaces", "", "kube-system"},
    {"nodes", "", "pool-1"},
    {"pods", "default", "hello-0"},
    {"pods", "kube-system", "coredns-0"},
    {"services", "kube-system", "kube-dns"},
    {"secrets", "default", "example"},
    {"configmaps", "default", "kube-root-ca.crt"},
    {"configmaps", "kube-node-lease", "kube-root-ca.crt"},
    {"configmaps", "kube-public", "kube-root-ca.crt"},
    {"configmaps", "kube-system", "kube-root-ca.crt"},
    {"serviceaccounts", "default", "default"},
    {"serviceaccounts", "kube-node-lease", "default"},
    {"serviceaccounts", "kube-public", "default"},
    {"serviceaccounts", "kube-system", "default"},
}};

/** What `kubectl get` and `kubectl cluster-info` show beyond the name. */
void add_content(std::string_view resource, json::object& body)
{
    if (resource == "namespaces") body["status"] = {{"phase", "Active"}};
    if (resource == "configmaps") body["data"] = {{"ca.crt", ""}};
    if (resource == "pods") {
        json::object container{{"name", "main"}, {"image", "registry.k8s.io/pause:3.10"}};
        body["spec"] = {{"containers", json::array{std::move(container)}}};
        body["status"] = {{"phase", "Running"}};
    }
    if (resource == "services") {
        body["metadata"].as_object()["labels"] = {
            {"kubernetes.io/cluster-service", "true"}, {"kubernetes.io/name", "CoreDNS"}};
        json::object port{{"name", "dns"}, {"port", 53}, {"protocol", "UDP"}, {"targetPort", 53}};
        body["spec"] = {{"clusterIP", "10.245.0.10"}, {"type", "ClusterIP"}, {"ports", json::array{std::move(port)}}};
    }
}

json::object object_of(const kube_kind& kind, const object_name& where, instant created)
{
    json::object metadata{
        {"name", where.name}, {"creationTimestamp", rfc3339_seconds(created)}, {"resourceVersion", "1"}};
    if (kind.namespaced) metadata["namespace"] = where.scope;
    json::object body{
        {"kind", kind.kind}, {"apiVersion", group_version(kind.group)}, {"metadata", std::move(metadata)}};
    add_content(kind.resource, body);
    return body;
}

/** `a=b,c=d`; another form matches nothing. */
bool matches(const json::object& body, std::string_view selector)
{
    if (selector.empty()) return true;
    const json::value* labels = body.at("metadata").as_object().if_contains("labels");
    if (!labels) return false;
    for (std::string_view item : split_at(selector, ',')) {
        std::size_t equals = item.find('=');
        if (equals == item.npos) return false;
        const json::value* value = labels->as_object().if_contains(item.substr(0, equals));
        if (!value || value->as_string() != item.substr(item.find_last_of('=') + 1)) return false;
    }
    return true;
}

}

std::vector<json::object> list_objects(
    const kube_kind& kind, std::string_view scope, std::string_view selector, instant created)
{
    std::vector<json::object> found;
    for (const object_name& each : object_names) {
        if (!kind.group.empty() || each.resource != kind.resource) continue;
        if (!scope.empty() && each.scope != scope) continue;
        json::object body = object_of(kind, each, created);
        if (matches(body, selector)) found.push_back(std::move(body));
    }
    return found;
}

std::optional<json::object> find_object(
    const kube_kind& kind, std::string_view scope, std::string_view name, instant created)
{
    for (json::object& each : list_objects(kind, scope, "", created))
        if (each.at("metadata").at("name").as_string() == name) return std::move(each);
    return std::nullopt;
}

}
