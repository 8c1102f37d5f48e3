#pragma once

#include "sim/account/accounts.hpp"
#include "sim/pki/authority.hpp"
#include "sim/timeline.hpp"

#include <doks/sim/options.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace doks::sim {

/** A credential for a cluster, as it leaves the API: a bearer token, or a certificate with its key as PEM. */
struct minted_credential
{
    std::string token;
    std::string certificate_pem;
    std::string key_pem;
    instant expires;
};

/** The user that a credential authenticates in a cluster. */
struct identity
{
    std::string cluster;
    std::string user;
    sim::role role = role::owner;
    instant expires;
    std::uint64_t revocations = 0; ///< The cluster's count when it was minted.
};

/** Mints the credentials of all clusters under one CA, and stores their identities.

    The shared state owns it, and its mutex guards it. An identity is never removed: whether it is still good is decided when
    it is used, by its expiry and the cluster's revocations.
*/
class issuer
{
public:
    explicit issuer(instant now)
        : authority_("doks simulator Kubernetes CA", now)
    {}

    /** A new credential in the cluster's form; certificates live 7 days whatever is asked. */
    minted_credential mint(const cluster_record& cluster, const token_spec& owner,
        std::optional<std::chrono::seconds> lifetime, instant now);

    /** The identity of a bearer token; nullptr if it was never minted, has expired or was revoked. */
    const identity* identity_of_token(std::string_view token, const accounts& all, instant now) const;

    /** The same for a client certificate, by its fingerprint(). */
    const identity* identity_of_certificate(std::string_view digest, const accounts& all, instant now) const;

    /** The CA that the kubeconfigs carry. */
    const sim::authority& authority() const { return authority_; }

private:
    minted_credential mint_token(identity identity);
    minted_credential mint_certificate(identity identity, instant now);

    sim::authority authority_;
    std::unordered_map<std::string, identity> tokens_;
    std::unordered_map<std::string, identity> certificates_;
};

/** The user of the credentials that are minted with this API token. */
std::string kube_user(const token_spec& owner);

}
