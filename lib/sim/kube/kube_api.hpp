#pragma once

#include "sim/account/accounts.hpp"
#include "sim/http/http.hpp"
#include "sim/pki/issuer.hpp"
#include "sim/timeline.hpp"

#include <span>
#include <string>
#include <string_view>

namespace doks::sim {

/** The Kubernetes API of every cluster, each below `/clusters/<id>`, without a network.

    It accepts exactly the credentials that were minted, until they expire, and gives them the rights of the API token's
    role. It shows what a new cluster holds. It takes no writes: a write that the rights allow is a 405.
*/
class kube_api
{
public:
    kube_api(const accounts& all, const issuer& credentials)
        : accounts_(all)
        , issuer_(credentials)
    {}

    /** `certificate` is the fingerprint of the client's, empty without one. */
    http_response respond(const http_request& request, std::string_view certificate, instant now) const;

private:
    using path = std::span<const std::string>;

    const identity* authenticate(
        const http_request& request, std::string_view cluster, std::string_view certificate, instant now) const;
    http_response respond_to_identity(const http_request& request, path rest, const identity& identity) const;
    http_response respond_for_group(
        const http_request& request, std::string_view group, path rest, const identity& identity) const;

    const accounts& accounts_;
    const issuer& issuer_;
};

}
