#pragma once

#include "net/call/call.hpp"

#include <doks/call_options.hpp>
#include <doks/failure.hpp>
#include <doks/kubeconfig.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace doks::api {

/// Why a string cannot be a cluster's id, which has to be one safe path segment; nothing if it can.
std::optional<std::string> why_not_id(std::string_view id);

/// Why expiry and type do not go together, for a person; nothing if they do.
std::optional<std::string> why_not_options(
    std::chrono::seconds expiry, credential_type type, expiry_precision expiry_is = expiry_precision::estimated);

inline constexpr const char* remedy_for_options =
    "leave the expiry at 0 or give whole seconds above it, and leave the type at token";

/// The path of the collection of clusters; it begins with the path of the API's URL. Shared by all requests of a client.
using collection = std::shared_ptr<const std::string>;
collection clusters_under(const std::string& base_path);

/// The requests of the API; `bounded` adds their timeouts.
net::request_spec kubeconfig_request(
    const collection& clusters, std::string id, std::chrono::seconds expiry, credential_type type);
net::request_spec cluster_request(const collection& clusters, std::string id);
net::request_spec credentials_request(const collection& clusters, std::string id, std::chrono::seconds expiry);
net::request_spec cluster_user_request(const collection& clusters, std::string id);
/// The API gives no larger pages.
inline constexpr unsigned largest_page = 200;
net::request_spec page_request(const collection& clusters, unsigned page_size, std::size_t page);

/** Makes the kubeconfig of a response. It moves the id out of the request if no earlier attempt can still use that.

    It fails with `unexpected_response` if the body repeats the API token, or another secret of the client, anywhere: a
    kubeconfig is written to files, and the names in it are shown.
*/
result<kubeconfig> kubeconfig_of(net::request_spec& asked, net::call_response got, std::chrono::seconds expiry);

/// Adds the API's own message, from the body of an error, and the remedy.
void explain(failure_record& record, const net::response& said);

/// The failure in place of a 404 for the kubeconfig of a cluster that exists.
failure not_ready(const failure& missing);
/// The failure of an earlier request, with the attempts and time of the whole operation.
failure with_total(const failure& why, const call_info& total);

/// The failure of a wrong argument, before anything was sent: its name, what is wrong with it, and what it takes.
inline failure invalid_call(std::string name, std::string fault, std::string remedy)
{
    return failure(errc::invalid_argument, std::move(name), std::move(fault), std::move(remedy));
}

}
