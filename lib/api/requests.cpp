#include "api/requests.hpp"

#include "api/decode/bodies.hpp"
#include "api/decode/decoding.hpp"
#include "kubeconfig/read/response_check.hpp"
#include "kubeconfig/read/server_key.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <initializer_list>

namespace doks::api {

namespace {

// Limits of bodies: a kubeconfig has a few KB, a page of 200 clusters with many nodes several MB.
constexpr std::size_t kubeconfig_limit = std::size_t(1024) * 1024;
constexpr std::size_t listing_limit = std::size_t(8) * 1024 * 1024;

/// Runs on the connection's strand before the connection is used again, so a body that belongs to another request is found
/// while it can still be blamed on the connection.
boost::system::error_code check_kubeconfig(const net::request& asked, std::string_view body, std::string& detail)
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

/// A request for `<clusters>/<id><rest>`; the id in lower case, as the API writes it.
net::request_spec request_of(
    const collection& clusters, std::string id, std::initializer_list<std::string_view> rest, std::size_t limit)
{
    net::request_spec spec;
    spec.request.root = clusters;
    spec.request.subject = kube::canonical_id(std::move(id));
    for (const auto part : rest) spec.request.rest.append(part.data(), part.size());
    spec.request.body_limit = limit;
    return spec;
}

/// A number as text, without an allocation.
struct digits
{
    explicit digits(std::int64_t number)
        : end(std::to_chars(text, text + sizeof text, number).ptr)
    {}
    std::string_view view() const { return {text, static_cast<std::size_t>(end - text)}; }

    char text[20];
    const char* end;
};

/// Specific causes first: several of them meet the same condition.
std::string remedy_for(const failure_record& record)
{
    const auto& cause = record.code;
    if (record.http_status == 401) return "the API token is wrong, expired or revoked: give a valid one";
    if (record.http_status == 403)
        return "the API token lacks a scope: a kubeconfig needs kubernetes:access_cluster, lists need kubernetes:read";
    if (record.http_status == 404)
        return "check the cluster's id and the token's team; a cluster that is still provisioning has no kubeconfig "
               "yet";
    if (cause == errc::proxy_refused || cause == errc::proxy_unavailable || record.phase == "proxy")
        return "check the proxy's address and credentials, and that it lets this program reach the API's host";
    if (cause == boost::system::errc::too_many_files_open ||
        cause == boost::system::errc::too_many_files_open_in_system)
        return "raise the limit of open files (ulimit -n), or use fewer connections";
    if (cause == errc::host_not_found || cause == condition::unreachable) return "check the API's URL and the network";
    if (cause == errc::certificate_rejected) return "check the API's URL and the trusted certificates";
    if (cause == errc::redirected)
        return "check the API's URL; redirects are never followed, for they would carry the token away";
    if (cause == errc::no_token) return "check the token's source";
    if (cause == errc::not_a_kubeconfig || cause == errc::unexpected_response)
        return "check that the API's URL is right and that no gateway or proxy responds in its place";
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

std::optional<std::string> why_not_options(
    std::chrono::seconds expiry, credential_type type, expiry_precision expiry_is)
{
    if (expiry.count() < 0) return "its expiry is negative";
    if (expiry.count() > 0 && type == credential_type::sso) return "an expiry has no meaning for an sso kubeconfig";
    if (expiry_is == expiry_precision::exact && type != credential_type::token)
        return "an exact expiry is to be had for the type token only";
    return std::nullopt;
}

collection clusters_under(const std::string& base_path)
{
    return std::make_shared<const std::string>(base_path + "/v2/kubernetes/clusters");
}

net::request_spec kubeconfig_request(
    const collection& clusters, std::string id, std::chrono::seconds expiry, credential_type type)
{
    const bool expires = expiry.count() > 0;
    const std::string_view kind = type == credential_type::token ? "type=token"
                                  : type == credential_type::sso ? "type=sso"
                                                                 : "";
    const digits seconds(expiry.count());
    auto spec = request_of(clusters, std::move(id),
        {"/kubeconfig", expires || !kind.empty() ? "?" : "", expires ? "expiry_seconds=" : "",
            expires ? seconds.view() : "", expires && !kind.empty() ? "&" : "", kind},
        kubeconfig_limit);
    spec.request.check = &check_kubeconfig;
    return spec;
}

net::request_spec cluster_request(const collection& clusters, std::string id)
{
    return request_of(clusters, std::move(id), {}, kubeconfig_limit);
}

net::request_spec credentials_request(const collection& clusters, std::string id, std::chrono::seconds expiry)
{
    const bool expires = expiry.count() > 0;
    const digits seconds(expiry.count());
    return request_of(clusters, std::move(id),
        {"/credentials", expires ? "?expiry_seconds=" : "", expires ? seconds.view() : ""}, kubeconfig_limit);
}

net::request_spec cluster_user_request(const collection& clusters, std::string id)
{
    return request_of(clusters, std::move(id), {"/user"}, kubeconfig_limit);
}

net::request_spec page_request(const collection& clusters, unsigned page_size, std::size_t page)
{
    const digits size(page_size);
    const digits number(static_cast<std::int64_t>(page));
    return request_of(clusters, {}, {"?per_page=", size.view(), "&page=", number.view()}, listing_limit);
}

result<kubeconfig> kubeconfig_of(net::request_spec& asked, net::call_response got, std::chrono::seconds expiry)
{
    if (got.secrets->stray_into({got.response.body.data(), got.response.body.size()}))
        return unusable(asked, got.info, *got.secrets, errc::unexpected_response,
            "the kubeconfig repeats a secret of this client, such as the API token");
    kubeconfig_metadata from;
    // A connection that was given up in an earlier attempt may still look at it.
    const bool alone = got.info.sends() == 1;
    from.cluster_id = alone ? std::move(asked.request.subject) : asked.request.subject;
    from.requested_at = got.requested_at;
    from.expiry = expiry;
    from.info = std::move(got.info);
    return kubeconfig(std::move(got.response.body), std::move(from));
}

void explain(failure_record& record, const net::response& said)
{
    if (record.http_status != 0) {
        auto error = read_error({said.body.data(), said.body.size()});
        record.api_id = std::move(error.id);
        record.api_message = std::move(error.message);
        if (record.info.request_id.empty()) record.info.request_id = std::move(error.request_id);
    }
    if (record.remedy.empty()) record.remedy = remedy_for(record);
}

failure not_ready(const failure& missing)
{
    failure_record record = missing.record();
    record.code = errc::not_ready;
    record.remedy = "wait until the cluster is running";
    return failure(std::move(record));
}

/// For an operation of several requests: the record is the first failure's, the figures are the sum.
failure with_total(const failure& why, const call_info& total)
{
    auto record = why.record();
    record.info.attempts = total.attempts;
    record.info.resends = total.resends;
    record.info.elapsed = total.elapsed;
    return failure(std::move(record));
}

}
