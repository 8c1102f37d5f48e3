#include "sim/kube_api.hpp"

#include "sim/kube_access_review.hpp"
#include "sim/kube_discovery.hpp"
#include "sim/kube_objects.hpp"
#include "sim/kube_rights.hpp"
#include "sim/kube_status.hpp"

#include <boost/json/array.hpp>

#include <optional>
#include <utility>

namespace doks::sim {

namespace json = boost::json;

namespace {

std::string verb_of(const request& what, bool has_name)
{
    if (what.method == "GET" && what.parameter("watch").value_or("") == "true") return "watch";
    if (what.method == "GET") return has_name ? "get" : "list";
    if (what.method == "POST") return "create";
    if (what.method == "PUT") return "update";
    if (what.method == "PATCH") return "patch";
    if (what.method == "DELETE") return has_name ? "delete" : "deletecollection";
    return {};
}

/** `namespaces/<ns>/<resource>[/<name>]` or `<resource>[/<name>]`; nullopt for anything else. */
std::optional<kube_action> parse_action(const request& what, std::string_view group, std::span<const std::string> rest)
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
    action.verb = verb_of(what, !action.name.empty());
    return action;
}

/** The answer to `kubectl auth can-i`. */
reply review(const request& what, const holder& who)
{
    auto asked = parse_access_review(what.body, what.header("content-type"));
    if (!asked || what.method != "POST")
        return kube_failure(400, "a SelfSubjectAccessReview of a resource was expected");
    json::object status{{"allowed", is_allowed(who.role, *asked)}};
    if (!status["allowed"].as_bool()) status["reason"] = "the role of the API token's owner does not allow it";
    return kube_reply({{"kind", "SelfSubjectAccessReview"}, {"apiVersion", "authorization.k8s.io/v1"},
                          {"metadata", json::object{}}, {"spec", json::object{}}, {"status", std::move(status)}},
        201);
}

reply read_object(const kube_kind& kind, const kube_action& action, instant created)
{
    auto found = find_object(kind, action.scope, action.name, created);
    if (found) return kube_reply(*found);
    return kube_failure(404, action.resource + " \"" + action.name + "\" not found", action.resource, action.name);
}

reply read_list(const request& what, const kube_kind& kind, const kube_action& action, instant created)
{
    json::array items;
    std::string selector = what.parameter("labelSelector").value_or("");
    for (json::object& each : list_objects(kind, action.scope, selector, created)) items.push_back(std::move(each));
    return kube_reply({{"kind", std::string(kind.kind) + "List"}, {"apiVersion", group_version(kind.group)},
        {"metadata", {{"resourceVersion", "1"}}}, {"items", std::move(items)}});
}

}

reply kube_api::answer(const request& what, std::string_view certificate, instant now) const
{
    path all = what.segments;
    if (all.size() < 2 || all[0] != "clusters")
        return kube_failure(404, "the server could not find the requested resource");
    const holder* who = authenticate(what, all[1], certificate, now);
    if (!who) return kube_failure(401, "Unauthorized");
    path rest = all.subspan(2);
    if (!rest.empty() && rest.back().empty()) rest = rest.first(rest.size() - 1);
    return answer_authenticated(what, rest, *who);
}

const holder* kube_api::authenticate(
    const request& what, std::string_view cluster, std::string_view certificate, instant now) const
{
    const holder* who = nullptr;
    if (!what.bearer().empty())
        who = issuer_.holder_of_token(what.bearer(), accounts_, now);
    else if (!certificate.empty())
        who = issuer_.holder_of_certificate(certificate, accounts_, now);
    return who && who->cluster == cluster ? who : nullptr;
}

reply kube_api::answer_authenticated(const request& what, path rest, const holder& who) const
{
    std::string_view first = rest.empty() ? std::string_view() : rest[0];
    if (rest.empty()) return kube_reply({{"paths", json::array{"/api", "/api/v1", "/apis", "/healthz", "/version"}}});
    if (rest.size() == 1 && first == "version")
        return kube_reply(version_body(accounts_.find_cluster(who.cluster)->spec.version));
    if (first == "healthz" || first == "livez" || first == "readyz") {
        reply healthy;
        healthy.content_type = "text/plain";
        healthy.body = "ok";
        return healthy;
    }
    if (rest.size() == 1 && first == "api") return kube_reply(core_versions());
    if (rest.size() == 1 && first == "apis") return kube_reply(group_list());
    if (first == "api" && rest[1] == "v1") return answer_group(what, "", rest.subspan(2), who);
    if (first == "apis" && rest.size() == 2)
        if (auto group = group_body(rest[1])) return kube_reply(*group);
    if (first == "apis" && rest.size() >= 3 && rest[2] == "v1")
        return answer_group(what, rest[1], rest.subspan(3), who);
    return kube_failure(404, "the server could not find the requested resource");
}

reply kube_api::answer_group(const request& what, std::string_view group, path rest, const holder& who) const
{
    if (rest.empty()) {
        auto list = resource_list(group);
        return list ? kube_reply(*list) : kube_failure(404, "the server could not find the requested resource");
    }
    auto action = parse_action(what, group, rest);
    const kube_kind* kind = action ? find_kind(group, action->resource) : nullptr;
    if (!kind) return kube_failure(404, "the server could not find the requested resource");
    if (!is_allowed(who.role, *action))
        return kube_failure(403, refusal_text(who.user, *action), action->resource, action->name);
    if (!kind->is_shown) return review(what, who);
    instant created = accounts_.find_cluster(who.cluster)->created;
    if (action->verb == "get") return read_object(*kind, *action, created);
    if (action->verb == "list") return read_list(what, *kind, *action, created);
    return kube_failure(405, "the simulator's clusters can only be read", action->resource, action->name);
}

}
