#include "api/decode/decoding.hpp"

#include "api/decode/bodies.hpp"
#include "api/requests.hpp"
#include "core/http/response_headers.hpp"
#include "kubeconfig/read/response_check.hpp"

#include <utility>

namespace doks::api {

namespace {

std::string_view body_of(const net::call_response& got) { return {got.response.body.data(), got.response.body.size()}; }

/// A response for another id than the requested one is never delivered.
failure wrong_cluster(const net::request_spec& asked, const net::call_response& got, const std::string& whose)
{
    return unusable(asked, got.info, *got.secrets, errc::wrong_cluster, "got a response for " + printable(whose));
}

template <class T> failure unreadable(const net::request_spec& asked, const net::call_response& got, parsed<T>& read)
{
    return unusable(asked, got.info, *got.secrets, read.error, std::move(read.detail));
}

}

failure unusable(const net::request_spec& asked, const call_info& info, const net::known_secrets& secrets,
    boost::system::error_code why, std::string detail)
{
    failure_record record;
    record.operation = asked.operation();
    record.code = why;
    record.info = info;
    record.detail = std::move(detail);
    explain(record, {});
    secrets.redact(record);
    return failure(std::move(record));
}

std::optional<cluster> without_secrets(cluster from, const net::known_secrets& secrets)
{
    if (secrets.recognises(from.id)) return std::nullopt;
    for (std::string* const each : {&from.name, &from.region, &from.version, &from.endpoint, &from.state,
             &from.state_message, &from.created_at, &from.updated_at})
        if (!each->empty()) secrets.redact(*each);
    for (auto& each : from.tags) secrets.redact(each);
    return from;
}

result<cluster> decode_cluster(const net::request_spec& asked, net::call_response got)
{
    auto read = read_cluster(body_of(got));
    if (read.error) return unreadable(asked, got, read);
    if (!core::same_name(read.value.id, asked.request.subject)) return wrong_cluster(asked, got, read.value.id);
    auto clean = without_secrets(std::move(read.value), *got.secrets);
    if (!clean) return wrong_cluster(asked, got, std::string(core::redactor::redacted_text));
    return std::move(*clean);
}

result<credentials> decode_credentials(const net::request_spec& asked, net::call_response got)
{
    auto read = read_credentials(body_of(got));
    if (read.error) return unreadable(asked, got, read);
    if (got.secrets->stray_into(read.value.token.reveal()))
        return unusable(asked, got.info, *got.secrets, errc::unexpected_response,
            "the credential is a secret of this client, such as the API token");
    const auto other = kube::names_other_cluster("server: " + read.value.server, asked.request.subject);
    if (other) return wrong_cluster(asked, got, *other);
    got.secrets->redact(read.value.server);
    read.value.info = std::move(got.info);
    return std::move(read.value);
}

result<cluster_user> decode_cluster_user(const net::request_spec& asked, net::call_response got)
{
    auto read = read_cluster_user(body_of(got));
    if (read.error) return unreadable(asked, got, read);
    got.secrets->redact(read.value.username);
    for (auto& each : read.value.groups) got.secrets->redact(each);
    read.value.info = std::move(got.info);
    return std::move(read.value);
}

}
