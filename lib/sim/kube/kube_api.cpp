#include "sim/kube/kube_api.hpp"

#include "sim/kube/access_review.hpp"
#include "sim/kube/discovery.hpp"
#include "sim/kube/objects.hpp"
#include "sim/kube/rights.hpp"
#include "sim/kube/status.hpp"

#include <boost/json/array.hpp>

#include <optional>
#include <utility>

namespace doks::sim {

namespace json = boost::json;

namespace {

std::string verb_of(const http_request& request, bool has_name)
{
    if (request.method == "GET" && request.parameter("watch").value_or("") == "true") return "watch";
    if (request.method == "GET") return has_name ? "get" : "list";
    if (request.method == "POST") return "create";
    if (request.method == "PUT") return "update";
    if (request.method == "PATCH") return "patch";
    if (request.method == "DELETE") return has_name ? "delete" : "deletecollection";
    return {};
}

/** `namespaces/<ns>/<resource>[/<name>]` or `<resource>[/<name>]`; nullopt for anything else. */
std::optional<kube_action> parse_action(
    const http_request& request, std::string_view group, std::span<const std::string> rest)
{
    kube_action action;
    action.group = group;
    if (rest.size() >= 3 && rest[0] == "namespaces") {
        action.scope = rest[1];
        rest = rest.subspan(2);
    }
    if (rest.empty() || rest.size() > 2) return std::nullopt;
    action.resource = rest[0];
    if (rest.size() == 2) action.name = rest[1];
    action.verb = verb_of(request, !action.name.empty());
    return action;
}

/** Responds to `kubectl auth can-i`. */
http_response review(const http_request& request, const identity& identity)
{
    auto asked = parse_access_review(request.body, request.header("content-type"));
    if (!asked || request.method != "POST")
        return kube_failure(400, "a SelfSubjectAccessReview of a resource was expected");
    json::object status{{"allowed", is_allowed(identity.role, *asked)}};
    if (!status["allowed"].as_bool()) status["reason"] = "the role of the API token's owner does not allow it";
    return kube_response({{"kind", "SelfSubjectAccessReview"}, {"apiVersion", "authorization.k8s.io/v1"},
                             {"metadata", json::object{}}, {"spec", json::object{}}, {"status", std::move(status)}},
        201);
}

http_response read_object(const kube_kind& kind, const kube_action& action, instant created)
{
    auto found = find_object(kind, action.scope, action.name, created);
    if (found) return kube_response(*found);
    return kube_failure(404, action.resource + " \"" + action.name + "\" not found", action.resource, action.name);
}

http_response read_list(const http_request& request, const kube_kind& kind, const kube_action& action, instant created)
{
    json::array items;
    std::string selector = request.parameter("labelSelector").value_or("");
    for (json::object& each : list_objects(kind, action.scope, selector, created)) items.push_back(std::move(each));
    return kube_response({{"kind", std::string(kind.kind) + "List"}, {"apiVersion", group_version(kind.group)},
        {"metadata", {{"resourceVersion", "1"}}}, {"items", std::move(items)}});
}

}

http_response kube_api::respond(const http_request& request, std::string_view certificate, instant now) const
{
    path all = request.segments;
    if (all.size() < 2 || all[0] != "clusters")
        return kube_failure(404, "the server could not find the requested resource");
    const identity* identity = authenticate(request, all[1], certificate, now);
    if (!identity) return kube_failure(401, "Unauthorized");
    path rest = all.subspan(2);
    if (!rest.empty() && rest.back().empty()) rest = rest.first(rest.size() - 1);
    return respond_to_identity(request, rest, *identity);
}

const identity* kube_api::authenticate(
    const http_request& request, std::string_view cluster, std::string_view certificate, instant now) const
{
    const identity* identity = nullptr;
    if (!request.bearer().empty())
        identity = issuer_.identity_of_token(request.bearer(), accounts_, now);
    else if (!certificate.empty())
        identity = issuer_.identity_of_certificate(certificate, accounts_, now);
    return identity && identity->cluster == cluster ? identity : nullptr;
}

http_response kube_api::respond_to_identity(const http_request& request, path rest, const identity& identity) const
{
    std::string_view first = rest.empty() ? std::string_view() : rest[0];
    if (rest.empty())
        return kube_response({{"paths", json::array{"/api", "/api/v1", "/apis", "/healthz", "/version"}}});
    if (rest.size() == 1 && first == "version")
        return kube_response(version_body(accounts_.find_cluster(identity.cluster)->spec.version));
    if (first == "healthz" || first == "livez" || first == "readyz") {
        http_response healthy;
        healthy.content_type = "text/plain";
        healthy.body = "ok";
        return healthy;
    }
    if (rest.size() == 1 && first == "api") return kube_response(core_versions());
    if (rest.size() == 1 && first == "apis") return kube_response(group_list());
    if (first == "api" && rest[1] == "v1") return respond_for_group(request, "", rest.subspan(2), identity);
    if (first == "apis" && rest.size() == 2)
        if (auto group = group_body(rest[1])) return kube_response(*group);
    if (first == "apis" && rest.size() >= 3 && rest[2] == "v1")
        return respond_for_group(request, rest[1], rest.subspan(3), identity);
    return kube_failure(404, "the server could not find the requested resource");
}

http_response kube_api::respond_for_group(
    const http_request& request, std::string_view group, path rest, const identity& identity) const
{
    if (rest.empty()) {
        auto list = resource_list(group);
        return list ? kube_response(*list) : kube_failure(404, "the server could not find the requested resource");
    }
    auto action = parse_action(request, group, rest);
    const kube_kind* kind = action ? find_kind(group, action->resource) : nullptr;
    if (!kind) return kube_failure(404, "the server could not find the requested resource");
    if (!is_allowed(identity.role, *action))
        return kube_failure(403, refusal_text(identity.user, *action), action->resource, action->name);
    if (!kind->is_shown) return review(request, identity);
    instant created = accounts_.find_cluster(identity.cluster)->created;
    if (action->verb == "get") return read_object(*kind, *action, created);
    if (action->verb == "list") return read_list(request, *kind, *action, created);
    return kube_failure(405, "the simulator's clusters can only be read", action->resource, action->name);
}

}
