#pragma once

#include "net/call/call.hpp"

#include <doks/call_options.hpp>
#include <doks/failure.hpp>
#include <doks/kubeconfig.hpp>

#include <memory>
#include <optional>
#include <string>

namespace doks::api {

/// Why a string cannot be a cluster's id: it must be one safe path segment. Nothing if it can.
std::optional<std::string> why_not_id(std::string_view id);

/// What is at fault with expiry and type, for a person; nothing if they go together.
std::optional<std::string> why_not_options(
    std::chrono::seconds expiry, credential_type type, expiry_precision expiry_is = expiry_precision::estimated);

inline constexpr const char* remedy_for_options =
    "leave the expiry at 0 or give whole seconds above it, and leave the type at token";

/// The path of the collection of clusters; what stands in front of it belongs to the API's URL.
using collection = std::shared_ptr<const std::string>;
collection clusters_under(const std::string& base_path);

/// The requests of the API, as plans without bounds of time.
net::request_spec kubeconfig_request(
    const collection& clusters, std::string id, std::chrono::seconds expiry, credential_type type);
net::request_spec cluster_request(const collection& clusters, std::string id);
net::request_spec credentials_request(const collection& clusters, std::string id, std::chrono::seconds expiry);
net::request_spec cluster_user_request(const collection& clusters, std::string id);
/// The API gives no larger pages.
inline constexpr unsigned largest_page = 200;
net::request_spec page_request(const collection& clusters, unsigned page_size, std::size_t page);

/** What a kubeconfig request was answered with; takes the id out of the plan.

    Errors: `unexpected_answer` where it repeats the API token, or another secret of the client, elsewhere than as its own
    credential: it is written to files, and the names in it are shown.
*/
result<kubeconfig> kubeconfig_of(net::request_spec& asked, net::call_response got, std::chrono::seconds expiry);

/// Adds to an error what the API said in its body, and what the user can do.
void explain(failure_record& record, const net::response& said);

/// What a 404 is turned into where the cluster itself is there.
failure not_ready(const failure& missing);
/// The failure of an earlier request, with the attempts and time of the whole operation.
failure with_total(const failure& why, const call_info& total);

/// A failure of the call itself, before anything was sent.
failure invalid_call(std::string operation, std::string detail, std::string remedy);

}
