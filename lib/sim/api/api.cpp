#include "sim/api/api.hpp"

#include "sim/api/api_bodies.hpp"
#include "sim/api/kubeconfig_text.hpp"
#include "sim/dates.hpp"
#include "sim/random.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace doks::sim {

namespace json = boost::json;

namespace {

constexpr std::string_view list_path = "/v2/kubernetes/clusters";

/** `/v2/kubernetes/clusters`, with or without an id and a part of it. */
bool is_of_clusters(const http_request& request)
{
    const auto& path = request.segments;
    return path.size() >= 3 && path.size() <= 5 && path[0] == "v2" && path[1] == "kubernetes" && path[2] == "clusters";
}

bool is_part(std::string_view name) { return name == "kubeconfig" || name == "credentials" || name == "user"; }

/** The lifetime asked for; nullopt for the default. Unset is readable. */
struct expiry_parameter
{
    bool readable = true;
    std::optional<std::chrono::seconds> lifetime;
};

expiry_parameter parse_expiry(const http_request& request)
{
    auto asked = request.parameter("expiry_seconds");
    if (!asked) return {};
    std::string_view text = *asked;
    std::int32_t value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0) return {false, {}};
    if (value == 0) return {};
    return {true, std::chrono::seconds(value)};
}

std::string_view form_name(const cluster_record& cluster)
{
    return cluster.spec.form == credential_form::token ? "token" : "certificate";
}

json::array groups_of(sim::role role)
{
    json::array groups{"k8saas:authenticated"};
    if (role == role::owner || role == role::member) groups.emplace_back("k8saas:admin");
    return groups;
}

void add_rate_headers(http_response& response, const verdict& quota, const rate_limit& limit)
{
    auto reset = std::chrono::floor<std::chrono::seconds>(quota.reset).time_since_epoch().count();
    response.headers.emplace_back("ratelimit-limit", std::to_string(limit.per_hour));
    response.headers.emplace_back("ratelimit-remaining", std::to_string(quota.remaining));
    response.headers.emplace_back("ratelimit-reset", std::to_string(reset));
    if (quota.retry_after) response.headers.emplace_back("retry-after", std::to_string(quota.retry_after->count()));
}

http_response json_response(const json::object& body)
{
    http_response response;
    response.body = json::serialize(body);
    return response;
}

json::value null_or_base64(const std::string& pem)
{
    return pem.empty() ? json::value(nullptr) : json::value(base64(pem));
}

}

api::api(accounts& all, issuer& credentials, std::string origin, std::string kube_origin, bool real_kube_names)
    : accounts_(all)
    , issuer_(credentials)
    , origin_(std::move(origin))
    , kube_origin_(std::move(kube_origin))
    , real_kube_names_(real_kube_names)
    , ca_base64_(base64(credentials.authority().pem()))
{}

api_result api::process(const http_request& request, const fault& fault, instant now)
{
    api_result result;
    label(request, result);
    account_state* account = accounts_.find_account_of_token(request.bearer());
    std::optional<verdict> quota;
    if (account) {
        token_record& token = *account->find_token(request.bearer());
        quota = admit(token, now, result);
        if (quota->admitted) result.response = respond({request, *account, token.spec, now, result}, fault);
    } else {
        result.response = error_response(401, result.request_id);
    }
    result.response.headers.emplace_back("date", http_date(now));
    result.response.headers.emplace_back("x-request-id", result.request_id);
    const rate_limit& limit = accounts_.rate_limits();
    if (limit.enabled)
        add_rate_headers(
            result.response, quota.value_or(verdict{true, false, limit.per_hour, now + limit.hour_window, {}}), limit);
    return result;
}

api_result api::intercept(const http_request& request, const fault& fault, instant now) const
{
    api_result result;
    label(request, result);
    result.response.status = 0;
    if (fault.kind != fault_kind::status_html) return result;
    result.response = html_response(fault.status);
    if (fault.body) result.response.body = *fault.body;
    if (!fault.content_type.empty()) result.response.content_type = fault.content_type;
    result.response.headers.emplace_back("date", http_date(now));
    if (fault.retry_after) result.response.headers.emplace_back("retry-after", std::to_string(*fault.retry_after));
    return result;
}

void api::label(const http_request& request, api_result& result) const
{
    result.request_id = random_uuid();
    if (const token_record* token = accounts_.find_token(request.bearer())) result.token = token->spec.label;
    if (!is_of_clusters(request) || request.segments.size() < 4) return;
    result.cluster = request.segments[3];
    result.of_kubeconfig =
        request.method == "GET" && request.segments.size() == 5 && request.segments[4] == "kubeconfig";
}

verdict api::admit(token_record& token, instant now, api_result& result)
{
    if (!token.quota.limit().enabled) return verdict{true, false, 0, now, {}};
    verdict quota = token.quota.judge(now);
    result.counted = quota.counted;
    result.throttled = !quota.admitted;
    if (!quota.admitted) result.response = error_response(429, result.request_id);
    return quota;
}

http_response api::respond(const call& context, const fault& fault)
{
    const http_request& request = context.request;
    if (fault.kind == fault_kind::status) return faulty(context, fault);
    bool known = is_of_clusters(request) && (request.segments.size() < 5 || is_part(request.segments[4]));
    if (!known) return failed(context, 404);
    if (request.method != "GET") {
        http_response refused = failed(context, 405);
        refused.headers.emplace_back("allow", "GET");
        return refused;
    }
    if (!has_scope(context.owner, "kubernetes:read") && request.segments.size() < 5)
        return failed(context, 403, "Missing the scope kubernetes:read.");
    if (request.segments.size() == 3) return list(context);
    cluster_record* cluster = context.account.find_cluster(request.segments[3]);
    if (!cluster) return failed(context, 404);
    if (fault.kind == fault_kind::wrong_cluster) cluster = &another_than(*cluster, context.account);
    return respond_for_cluster(
        context, *cluster, request.segments.size() == 5 ? std::string_view(request.segments[4]) : "");
}

http_response api::failed(const call& context, unsigned status, std::string message)
{
    return error_response(status, context.result.request_id, std::move(message));
}

http_response api::faulty(const call& context, const fault& fault)
{
    http_response response = failed(context, fault.status);
    if (fault.body) response.body = *fault.body;
    if (!fault.content_type.empty()) response.content_type = fault.content_type;
    if (fault.retry_after) response.headers.emplace_back("retry-after", std::to_string(*fault.retry_after));
    return response;
}

http_response api::respond_for_cluster(const call& context, const cluster_record& cluster, std::string_view part)
{
    if (part.empty()) {
        json::object body = cluster_body(cluster, context.owner, server_of(cluster));
        return json_response({{"kubernetes_cluster", std::move(body)}});
    }
    if (!has_scope(context.owner, "kubernetes:access_cluster"))
        return failed(context, 403, "Missing the scope kubernetes:access_cluster.");
    if (cluster.spec.state == "provisioning") return failed(context, 404);
    if (part == "kubeconfig") return kubeconfig(context, cluster);
    if (part == "credentials") return credentials(context, cluster);
    json::object user{{"username", kube_user(context.owner)}, {"groups", groups_of(context.owner.role)}};
    return json_response({{"kubernetes_cluster_user", std::move(user)}});
}

http_response api::list(const call& context) const
{
    page_parameters page = parse_page(context.request);
    const auto& all = context.account.clusters();
    std::size_t first = std::min((page.number - 1) * page.size, all.size());
    std::size_t end = std::min(first + page.size, all.size());
    json::array clusters;
    for (std::size_t i = first; i < end; ++i)
        clusters.push_back(cluster_body(*all[i], context.owner, server_of(*all[i])));
    return json_response({{"kubernetes_clusters", std::move(clusters)},
        {"links", page_links(page, all.size(), origin_ + std::string(list_path))}, {"meta", {{"total", all.size()}}}});
}

http_response api::kubeconfig(const call& context, const cluster_record& cluster)
{
    expiry_parameter expiry = parse_expiry(context.request);
    if (!expiry.readable) return failed(context, 400, "expiry_seconds must be an integer of 0 or more.");
    std::string type = context.request.parameter("type").value_or("");
    if (!type.empty() && type != "token" && type != "sso") return failed(context, 400, "type must be token or sso.");
    if (type == "sso" && expiry.lifetime) return failed(context, 400, "expiry_seconds has no meaning with type=sso.");
    if (type == "sso" && !cluster.spec.sso)
        return failed(context, 400, "Single sign-on is not enabled for this cluster.");
    http_response response;
    response.content_type = "application/yaml";
    response.body = cluster.spec.sso && type != "token" ? sso_kubeconfig_text(cluster, server_of(cluster), ca_base64_)
                                                        : kubeconfig_text(cluster, server_of(cluster), ca_base64_,
                                                              mint(context, cluster, expiry.lifetime));
    return response;
}

http_response api::credentials(const call& context, const cluster_record& cluster)
{
    expiry_parameter expiry = parse_expiry(context.request);
    if (!expiry.readable) return failed(context, 400, "expiry_seconds must be an integer of 0 or more.");
    minted_credential made = mint(context, cluster, expiry.lifetime);
    return json_response({{"server", server_of(cluster)}, {"certificate_authority_data", ca_base64_},
        {"client_certificate_data", null_or_base64(made.certificate_pem)},
        {"client_key_data", null_or_base64(made.key_pem)}, {"token", made.token},
        {"expires_at", rfc3339(made.expires)}});
}

minted_credential api::mint(
    const call& context, const cluster_record& cluster, std::optional<std::chrono::seconds> lifetime)
{
    minted_credential made = issuer_.mint(cluster, context.owner, lifetime, context.now);
    context.result.mint = mint_note{cluster.spec.id, form_name(cluster), made.expires};
    return made;
}

cluster_record& api::another_than(cluster_record& cluster, const account_state& account)
{
    for (const auto& each : account.clusters())
        if (each.get() != &cluster && each->spec.state != "provisioning") return *each;
    return cluster;
}

std::string api::server_of(const cluster_record& cluster) const
{
    if (real_kube_names_) return "https://" + cluster.spec.id + ".k8s.ondigitalocean.com";
    return kube_origin_ + "/clusters/" + cluster.spec.id;
}

}
