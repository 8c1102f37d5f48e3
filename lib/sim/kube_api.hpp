#pragma once

#include "sim/accounts.hpp"
#include "sim/http.hpp"
#include "sim/issuer.hpp"
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
    reply answer(const request& what, std::string_view certificate, instant now) const;

private:
    using path = std::span<const std::string>;

    const holder* authenticate(
        const request& what, std::string_view cluster, std::string_view certificate, instant now) const;
    reply answer_authenticated(const request& what, path rest, const holder& who) const;
    reply answer_group(const request& what, std::string_view group, path rest, const holder& who) const;

    const accounts& accounts_;
    const issuer& issuer_;
};

}
