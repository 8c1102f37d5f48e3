#include "api/decode/bodies.hpp"

#include "core/http/response_headers.hpp"
#include "kubeconfig/read/base64.hpp"
#include "kubeconfig/read/rfc3339.hpp"
#include "kubeconfig/read/server_key.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <utility>

namespace doks::api {

namespace json = boost::json;
using boost::system::error_code;

namespace {

/// Null for a member that is missing or null: the API uses both.
const json::value* member(const json::object& of, std::string_view name)
{
    const auto found = of.find(json::string_view(name.data(), name.size()));
    return found == of.end() || found->value().is_null() ? nullptr : &found->value();
}

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

std::string text_of(const json::object& of, std::string_view name)
{
    const auto* const value = member(of, name);
    return value && value->is_string() ? std::string(view(value->get_string())) : std::string();
}

secret secret_of(const json::object& of, std::string_view name)
{
    const auto* const value = member(of, name);
    return value && value->is_string() ? secret(view(value->get_string())) : secret();
}

/// Base64 as the API documents it, or PEM as it is.
secret_bytes pem_of(const json::object& of, std::string_view name)
{
    const auto* const value = member(of, name);
    if (!value || !value->is_string()) return {};
    const auto text = view(value->get_string());
    if (auto decoded = kube::decode_base64(text)) return std::move(*decoded);
    return {text.begin(), text.end()};
}

bool flag_of(const json::object& of, std::string_view name)
{
    const auto* const value = member(of, name);
    return value && value->is_bool() && value->get_bool();
}

const json::object* object_of(const json::object& of, std::string_view name)
{
    const auto* const value = member(of, name);
    return value ? value->if_object() : nullptr;
}

/// The texts of a list; other values in it are left out.
std::vector<std::string> texts_of(const json::object& of, std::string_view name)
{
    std::vector<std::string> texts;
    const auto* const list = member(of, name);
    if (list && list->is_array())
        for (const auto& each : list->get_array())
            if (each.is_string()) texts.emplace_back(view(each.get_string()));
    return texts;
}

/// Every field but the id may be missing: a token with narrow scopes does not see all of them.
cluster cluster_of(const json::object& from)
{
    cluster one;
    one.id = kube::canonical_id(text_of(from, "id"));
    one.name = text_of(from, "name");
    one.region = text_of(from, "region");
    one.version = text_of(from, "version");
    one.endpoint = text_of(from, "endpoint");
    one.highly_available = flag_of(from, "ha");
    one.created_at = text_of(from, "created_at");
    one.updated_at = text_of(from, "updated_at");
    if (const auto* const status = object_of(from, "status")) {
        one.state = text_of(*status, "state");
        one.state_message = printable(text_of(*status, "message"));
    }
    if (const auto* const sso = object_of(from, "sso")) one.single_sign_on = flag_of(*sso, "enabled");
    one.tags = texts_of(from, "tags");
    return one;
}

/// The number behind `page=` in a link's query.
std::optional<std::size_t> page_number(std::string_view link)
{
    for (std::string_view mark : {"?page=", "&page="}) {
        const auto at = link.find(mark);
        if (at == std::string_view::npos) continue;
        const auto rest = link.substr(at + mark.size());
        const auto digits = rest.substr(0, rest.find_first_not_of("0123456789"));
        if (const auto number = core::parse_count(digits)) return static_cast<std::size_t>(*number);
    }
    return std::nullopt;
}

template <class T> parsed<T> unexpected(std::string detail)
{
    return {{}, errc::unexpected_response, std::move(detail)};
}

/// The document's top object, or nothing.
std::optional<json::object> top_object(std::string_view body)
{
    error_code failed;
    auto document = json::parse(json::string_view(body.data(), body.size()), failed);
    if (failed || !document.is_object()) return std::nullopt;
    return std::move(document.get_object());
}

}

std::string printable(std::string_view text, std::size_t most)
{
    std::string clean(text.substr(0, most));
    std::replace_if(
        clean.begin(), clean.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    if (text.size() > most) clean += "...";
    return clean;
}

parsed<cluster_page> read_cluster_page(std::string_view body)
{
    const auto top = top_object(body);
    if (!top) return unexpected<cluster_page>("the cluster list is not a JSON object");
    const auto* const list = member(*top, "kubernetes_clusters");
    if (!list || !list->is_array()) return unexpected<cluster_page>("the response has no list kubernetes_clusters");
    cluster_page page;
    for (const auto& each : list->get_array()) {
        const auto* const from = each.if_object();
        if (!from || text_of(*from, "id").empty()) return unexpected<cluster_page>("a listed cluster has no id");
        page.clusters.push_back(cluster_of(*from));
    }
    if (const auto* const meta = object_of(*top, "meta"))
        if (const auto* const total = member(*meta, "total"))
            if (total->is_int64() && total->get_int64() >= 0) page.total = static_cast<std::size_t>(total->get_int64());
    if (const auto* const links = object_of(*top, "links"))
        if (const auto* const pages = object_of(*links, "pages")) page.next = page_number(text_of(*pages, "next"));
    return {std::move(page), {}, {}};
}

parsed<cluster> read_cluster(std::string_view body)
{
    const auto top = top_object(body);
    const auto* const from = top ? object_of(*top, "kubernetes_cluster") : nullptr;
    if (!from || text_of(*from, "id").empty())
        return unexpected<cluster>("the response has no kubernetes_cluster with an id");
    return {cluster_of(*from), {}, {}};
}

parsed<credentials> read_credentials(std::string_view body)
{
    const auto top = top_object(body);
    if (!top) return unexpected<credentials>("the credentials are not a JSON object");
    credentials got;
    got.server = text_of(*top, "server");
    const auto authority = pem_of(*top, "certificate_authority_data");
    got.certificate_authority.assign(authority.begin(), authority.end());
    got.token = secret_of(*top, "token");
    const auto certificate = pem_of(*top, "client_certificate_data");
    got.client_certificate.assign(certificate.begin(), certificate.end());
    const auto key = pem_of(*top, "client_key_data");
    got.client_key = secret({key.data(), key.size()});
    const auto expires_at = kube::parse_rfc3339(text_of(*top, "expires_at"));
    if (got.server.empty()) return unexpected<credentials>("the credentials name no server");
    if (got.token.empty() && got.client_certificate.empty())
        return unexpected<credentials>("the credentials hold neither a token nor a certificate");
    if (!expires_at) return unexpected<credentials>("the credentials' expires_at cannot be read");
    got.expires_at = *expires_at;
    return {std::move(got), {}, {}};
}

parsed<cluster_user> read_cluster_user(std::string_view body)
{
    const auto top = top_object(body);
    const auto* const from = top ? object_of(*top, "kubernetes_cluster_user") : nullptr;
    if (!from || text_of(*from, "username").empty())
        return unexpected<cluster_user>("the response has no kubernetes_cluster_user with a username");
    cluster_user who;
    who.username = text_of(*from, "username");
    who.groups = texts_of(*from, "groups");
    return {std::move(who), {}, {}};
}

error_body read_error(std::string_view body)
{
    const auto top = top_object(body);
    if (!top) return {};
    return {printable(text_of(*top, "id"), 64), printable(text_of(*top, "message")),
        printable(text_of(*top, "request_id"), 128)};
}

}
