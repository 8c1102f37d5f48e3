#include "sim/kube_objects.hpp"

#include "sim/dates.hpp"
#include "sim/parse.hpp"
#include "sim/random.hpp"

#include <utility>

namespace doks::sim {

namespace json = boost::json;

namespace {

json::object named(std::string_view name) { return {{"metadata", {{"name", name}}}}; }

json::object running_pod(std::string_view name)
{
    json::object body = named(name);
    body["spec"] = {
        {"containers", json::array{json::object{{"name", "main"}, {"image", "registry.k8s.io/pause:3.10"}}}}};
    body["status"] = {{"phase", "Running"}};
    return body;
}

json::object cluster_service(std::string_view name, std::string_view title)
{
    json::object port{{"name", "dns"}, {"port", 53}, {"protocol", "UDP"}, {"targetPort", 53}};
    json::object labels{{"kubernetes.io/cluster-service", "true"}, {"kubernetes.io/name", title}};
    return {{"metadata", {{"name", name}, {"labels", std::move(labels)}}},
        {"spec", {{"clusterIP", "10.245.0.10"}, {"type", "ClusterIP"}, {"ports", json::array{std::move(port)}}}}};
}

/** `a=b,c=d`; a form that is not understood matches nothing. */
bool matches(const json::object& body, std::string_view selector)
{
    if (selector.empty()) return true;
    const json::value* metadata = body.if_contains("metadata");
    const json::value* labels =
        metadata && metadata->is_object() ? metadata->as_object().if_contains("labels") : nullptr;
    for (std::string_view item : split_at(selector, ',')) {
        std::size_t equals = item.find('=');
        if (equals == item.npos || !labels || !labels->is_object()) return false;
        const json::value* value = labels->as_object().if_contains(item.substr(0, equals));
        std::string_view wanted = item.substr(item.find_last_of('=') + 1);
        if (!value || !value->is_string() || value->as_string() != wanted) return false;
    }
    return true;
}

}

kube_objects::kube_objects(instant now) { furnish(now); }

void kube_objects::furnish(instant now)
{
    auto add = [&](std::string_view resource, std::string_view scope, json::object body) {
        put(*find_kind("", resource), scope, std::move(body), now);
    };
    for (const char* name : {"default", "kube-node-lease", "kube-public", "kube-system"}) {
        json::object body = named(name);
        body["status"] = {{"phase", "Active"}};
        add("namespaces", "", std::move(body));
        json::object roots = named("kube-root-ca.crt");
        roots["data"] = json::object{{"ca.crt", ""}};
        add("configmaps", name, std::move(roots));
        add("serviceaccounts", name, named("default"));
    }
    add("nodes", "", named("pool-1"));
    add("pods", "default", running_pod("hello-0"));
    add("pods", "kube-system", running_pod("coredns-0"));
    add("services", "kube-system", cluster_service("kube-dns", "CoreDNS"));
    add("secrets", "default", named("example"));
}

std::vector<json::object> kube_objects::list(
    const kube_kind& kind, std::string_view scope, std::string_view selector) const
{
    std::vector<json::object> found;
    for (const auto& [where, body] : objects_) {
        bool inside = scope.empty() || std::get<1>(where) == scope;
        if (std::get<0>(where) == &kind && inside && matches(body, selector)) found.push_back(body);
    }
    return found;
}

const json::object* kube_objects::find(const kube_kind& kind, std::string_view scope, std::string_view name) const
{
    auto found = objects_.find(key(&kind, scope, name));
    return found == objects_.end() ? nullptr : &found->second;
}

const json::object& kube_objects::put(const kube_kind& kind, std::string_view scope, json::object body, instant now)
{
    std::string name = name_in(body);
    const json::object* before = find(kind, scope, name);
    json::value identity = before ? before->at("metadata").at("uid") : json::value(random_uuid());
    json::value created = before ? before->at("metadata").at("creationTimestamp") : json::value(rfc3339_seconds(now));
    json::object& metadata = body["metadata"].as_object();
    metadata["uid"] = std::move(identity);
    metadata["creationTimestamp"] = std::move(created);
    metadata["resourceVersion"] = std::to_string(++version_);
    if (kind.namespaced) metadata["namespace"] = scope;
    body["kind"] = kind.kind;
    body["apiVersion"] = group_version(kind.group);
    return objects_.insert_or_assign(key(&kind, scope, name), std::move(body)).first->second;
}

void kube_objects::erase(const kube_kind& kind, std::string_view scope, std::string_view name)
{
    objects_.erase(key(&kind, scope, name));
}

void merge_patch(json::object& target, const json::object& patch)
{
    for (const auto& member : patch) {
        json::value& into = target[member.key()];
        if (member.value().is_null())
            target.erase(member.key());
        else if (!member.value().is_object())
            into = member.value();
        else {
            if (!into.is_object()) into.emplace_object();
            merge_patch(into.as_object(), member.value().as_object());
        }
    }
}

std::string name_in(const json::object& body)
{
    const json::value* metadata = body.if_contains("metadata");
    const json::value* name = metadata && metadata->is_object() ? metadata->as_object().if_contains("name") : nullptr;
    return name && name->is_string() ? std::string(name->as_string()) : std::string();
}

}
