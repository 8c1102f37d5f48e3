#include "sim/kube_front.hpp"

#include "sim/kube_protobuf.hpp"
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

std::optional<json::object> object_in(const request& what)
{
    return parse_kube_object(what.body, what.header("content-type"));
}

std::string text_at(const json::object& from, std::string_view name)
{
    const json::value* value = from.if_contains(name);
    return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

const json::object* object_at(const json::object& from, std::string_view name)
{
    const json::value* value = from.if_contains(name);
    return value && value->is_object() ? &value->as_object() : nullptr;
}

std::string not_found_text(const kube_action& action) { return action.resource + " \"" + action.name + "\" not found"; }

}

reply kube_front::answer(const request& what, std::string_view certificate, instant now)
{
    path all = what.segments;
    if (all.size() < 2 || all[0] != "clusters")
        return kube_failure(404, "the server could not find the requested resource");
    const holder* who = authenticate(what, all[1], certificate, now);
    if (!who) return kube_failure(401, "Unauthorized");
    path rest = all.subspan(2);
    if (!rest.empty() && rest.back().empty()) rest = rest.first(rest.size() - 1);
    return answer_authenticated(what, rest, *who, now);
}

const holder* kube_front::authenticate(
    const request& what, std::string_view cluster, std::string_view certificate, instant now) const
{
    const holder* who = nullptr;
    if (!what.bearer().empty())
        who = issuer_.holder_of_token(what.bearer(), accounts_, now);
    else if (!certificate.empty())
        who = issuer_.holder_of_certificate(certificate, accounts_, now);
    return who && who->cluster == cluster ? who : nullptr;
}

reply kube_front::answer_authenticated(const request& what, path rest, const holder& who, instant now)
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
    if (first == "api" && rest[1] == "v1") return answer_group(what, "", rest.subspan(2), who, now);
    if (first == "apis" && rest.size() == 2)
        if (auto group = group_body(rest[1])) return kube_reply(*group);
    if (first == "apis" && rest.size() >= 3 && rest[2] == "v1")
        return answer_group(what, rest[1], rest.subspan(3), who, now);
    return kube_failure(404, "the server could not find the requested resource");
}

reply kube_front::answer_group(const request& what, std::string_view group, path rest, const holder& who, instant now)
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
    if (!kind->stored) return review(what, who);
    return serve({what, who, *kind, std::move(*action), objects_of(who.cluster, now), now});
}

kube_objects& kube_front::objects_of(const std::string& cluster, instant now)
{
    auto found = objects_.find(cluster);
    return found != objects_.end() ? found->second : objects_.emplace(cluster, kube_objects(now)).first->second;
}

reply kube_front::review(const request& what, const holder& who)
{
    auto body = object_in(what);
    const json::object* spec = body ? object_at(*body, "spec") : nullptr;
    if (!spec || what.method != "POST") return kube_failure(400, "a review with a spec was expected");
    const json::object* asked = object_at(*spec, "resourceAttributes");
    kube_action action;
    if (asked)
        action = {text_at(*asked, "verb"), text_at(*asked, "group"), text_at(*asked, "resource"),
            text_at(*asked, "namespace"), text_at(*asked, "name")};
    bool allowed = asked && is_allowed(who.role, action);
    json::object answer = *body;
    answer["status"] = {{"allowed", allowed}};
    if (!allowed) answer["status"].as_object()["reason"] = "the role of the API token's owner does not allow it";
    return kube_reply(answer, 201);
}

reply kube_front::serve(const call& context)
{
    const std::string& verb = context.action.verb;
    if (verb == "get" || verb == "list") return read(context);
    if (verb == "create") return create(context);
    if (verb == "update" || verb == "patch") return replace(context);
    if (verb == "delete") return remove(context);
    return kube_failure(405, "the server does not allow this method on the requested resource");
}

reply kube_front::read(const call& context)
{
    const kube_action& action = context.action;
    if (action.verb == "get") {
        const json::object* found = context.objects.find(context.kind, action.scope, action.name);
        return found ? kube_reply(*found) : kube_failure(404, not_found_text(action), action.resource, action.name);
    }
    json::array items;
    std::string selector = context.what.parameter("labelSelector").value_or("");
    for (json::object& each : context.objects.list(context.kind, action.scope, selector))
        items.push_back(std::move(each));
    return kube_reply(
        {{"kind", std::string(context.kind.kind) + "List"}, {"apiVersion", group_version(context.kind.group)},
            {"metadata", {{"resourceVersion", "1"}}}, {"items", std::move(items)}});
}

reply kube_front::create(const call& context)
{
    const kube_action& action = context.action;
    auto body = object_in(context.what);
    std::string name = body ? name_in(*body) : std::string();
    if (name.empty())
        return kube_failure(415, "an object with metadata.name, in a form that the simulator reads, was expected");
    if (context.objects.find(context.kind, action.scope, name))
        return kube_failure(409, action.resource + " \"" + name + "\" already exists", action.resource, name);
    return kube_reply(context.objects.put(context.kind, action.scope, std::move(*body), context.now), 201);
}

reply kube_front::replace(const call& context)
{
    const kube_action& action = context.action;
    const json::object* before = context.objects.find(context.kind, action.scope, action.name);
    if (!before) return kube_failure(404, not_found_text(action), action.resource, action.name);
    auto body = object_in(context.what);
    if (!body) return kube_failure(415, "an object in a form that the simulator reads was expected");
    json::object after = *body;
    if (action.verb == "patch") {
        after = *before;
        merge_patch(after, *body);
    }
    if (name_in(after) != action.name) return kube_failure(400, "metadata.name cannot be changed");
    return kube_reply(context.objects.put(context.kind, action.scope, std::move(after), context.now));
}

reply kube_front::remove(const call& context)
{
    const kube_action& action = context.action;
    const json::object* found = context.objects.find(context.kind, action.scope, action.name);
    if (!found) return kube_failure(404, not_found_text(action), action.resource, action.name);
    std::string uid = text_at(found->at("metadata").as_object(), "uid");
    context.objects.erase(context.kind, action.scope, action.name);
    return kube_deleted(action.resource, action.name, uid);
}

}
