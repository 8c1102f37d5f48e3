#include "api/requests.hpp"

#include "api/bodies.hpp"
#include "kubeconfig/check.hpp"

#include <algorithm>

namespace doks::api {

namespace {

constexpr std::size_t kubeconfig_limit = std::size_t(1024) * 1024;
constexpr std::size_t listing_limit = std::size_t(8) * 1024 * 1024;
constexpr std::string_view clusters_path = "/v2/kubernetes/clusters";

boost::system::error_code check_kubeconfig(const net::job& asked, std::string_view body, std::string& detail)
{
    // First, for it may be left over from the connection's last request: then another connection is tried.
    if (auto other = kube::names_other_cluster(body, asked.subject)) {
        detail = "asked for " + asked.subject + ", got one for " + printable(*other);
        return errc::wrong_cluster;
    }
    if (auto reason = kube::why_not_kubeconfig(body)) {
        detail = std::move(*reason);
        return errc::not_a_kubeconfig;
    }
    return {};
}

net::call_plan plan_of(
    const std::string& base_path, const std::string& path, const std::string& query, std::size_t limit)
{
    net::call_plan plan;
    plan.operation = "GET " + path;
    plan.request.target = base_path + path + query;
    plan.request.body_limit = limit;
    return plan;
}

std::string path_of(const std::string& id, std::string_view leaf)
{
    return std::string(clusters_path) + '/' + id + std::string(leaf);
}

std::string remedy_for(const failure_record& record)
{
    const auto& cause = record.code;
    if (record.http_status == 401) return "the API token is wrong, expired or revoked: give a valid one";
    if (record.http_status == 403)
        return "the API token lacks a scope: a kubeconfig needs kubernetes:access_cluster, lists need kubernetes:read";
    if (record.http_status == 404)
        return "check the cluster's id and the token's team; a cluster that is still provisioning has no kubeconfig "
               "yet";
    if (cause == errc::host_not_found || cause == condition::unreachable) return "check the API's URL and the network";
    if (cause == errc::certificate_rejected) return "check the API's URL and the trusted certificates";
    if (cause == errc::redirected)
        return "check the API's URL; redirects are never followed, for they would carry the token away";
    if (cause == errc::no_token) return "check the token's source";
    if (cause == errc::not_a_kubeconfig || cause == errc::unexpected_answer)
        return "check that the API's URL is right and nothing in between answers in its place";
    if (cause == errc::timed_out) return "try again later, or give the call more time";
    return {};
}

}

std::optional<std::string> why_not_id(std::string_view id)
{
    constexpr std::size_t longest = 128;
    if (id.empty()) return "it is empty";
    if (id.size() > longest) return "it is longer than 128 characters";
    if (id == "." || id == "..") return "it is a dot segment";
    const auto safe = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.';
    };
    const auto bad = std::find_if_not(id.begin(), id.end(), safe);
    if (bad == id.end()) return std::nullopt;
    if (*bad == '/') return "it has a slash";
    if (*bad == ' ') return "it has a space";
    return "it has a character other than letters, digits, '-', '_' and '.'";
}

std::optional<std::string> why_not_options(std::chrono::seconds expiry, credential_type type)
{
    if (expiry.count() < 0) return "its expiry is negative";
    if (expiry.count() > 0 && type == credential_type::sso) return "an expiry has no meaning for an sso kubeconfig";
    return std::nullopt;
}

net::call_plan kubeconfig_request(
    const std::string& base_path, const std::string& id, std::chrono::seconds expiry, credential_type type)
{
    std::string query;
    const auto add = [&](const std::string& part) { query += (query.empty() ? '?' : '&') + part; };
    if (expiry.count() > 0) add("expiry_seconds=" + std::to_string(expiry.count()));
    if (type == credential_type::token) add("type=token");
    if (type == credential_type::sso) add("type=sso");
    auto plan = plan_of(base_path, path_of(id, "/kubeconfig"), query, kubeconfig_limit);
    plan.request.check = &check_kubeconfig;
    plan.request.subject = id;
    return plan;
}

net::call_plan cluster_request(const std::string& base_path, const std::string& id)
{
    return plan_of(base_path, path_of(id, ""), "", kubeconfig_limit);
}

net::call_plan credentials_request(const std::string& base_path, const std::string& id, std::chrono::seconds expiry)
{
    const auto query = expiry.count() > 0 ? "?expiry_seconds=" + std::to_string(expiry.count()) : std::string();
    return plan_of(base_path, path_of(id, "/credentials"), query, kubeconfig_limit);
}

net::call_plan page_request(const std::string& base_path, std::size_t page)
{
    return plan_of(base_path, std::string(clusters_path), "?per_page=200&page=" + std::to_string(page), listing_limit);
}

kubeconfig kubeconfig_of(const net::call_plan& asked, net::reply got, std::chrono::seconds expiry)
{
    provenance from;
    from.cluster_id = asked.request.subject;
    from.requested_at = got.requested_at;
    from.expiry = expiry;
    from.info = std::move(got.info);
    return kubeconfig(std::move(got.answer.body), std::move(from));
}

void explain(failure_record& record, const net::answer& said)
{
    if (record.http_status != 0) {
        auto error = read_error({said.body.data(), said.body.size()});
        record.api_id = std::move(error.id);
        record.api_message = std::move(error.message);
        if (record.info.request_id.empty()) record.info.request_id = std::move(error.request_id);
    }
    if (record.remedy.empty()) record.remedy = remedy_for(record);
}

failure invalid_call(std::string operation, std::string detail, std::string remedy)
{
    failure_record record;
    record.operation = std::move(operation);
    record.code = errc::invalid_argument;
    record.detail = std::move(detail);
    record.remedy = std::move(remedy);
    return failure(std::move(record));
}

}
