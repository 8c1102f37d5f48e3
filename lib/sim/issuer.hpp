#pragma once

#include "sim/accounts.hpp"
#include "sim/authority.hpp"
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

/** Who a credential stands for, as the Kubernetes front sees it. */
struct holder
{
    std::string cluster;
    std::string user;
    sim::role role = role::owner;
    instant expires;
    std::uint64_t revocations = 0; ///< The cluster's count when it was minted.
};

/** Mints the credentials of all clusters, under one CA, and remembers each. */
class issuer
{
public:
    explicit issuer(instant now)
        : authority_("doks simulator Kubernetes CA", now)
    {}

    /** A new credential in the cluster's form; certificates live 7 days whatever is asked. */
    minted_credential mint(const cluster_record& cluster, const token_spec& owner,
        std::optional<std::chrono::seconds> lifetime, instant now);

    /** The holder of a bearer token; nullptr if it was never minted, has expired or was revoked. */
    const holder* holder_of_token(std::string_view token, const accounts& all, instant now) const;

    /** The same for a client certificate, by its fingerprint(). */
    const holder* holder_of_certificate(std::string_view digest, const accounts& all, instant now) const;

    /** The CA that the kubeconfigs carry. */
    const sim::authority& authority() const { return authority_; }

private:
    minted_credential mint_token(holder who);
    minted_credential mint_certificate(holder who, instant now);

    sim::authority authority_;
    std::unordered_map<std::string, holder> tokens_;
    std::unordered_map<std::string, holder> certificates_;
};

/** The user that credentials minted with this API token stand for. */
std::string kube_user(const token_spec& owner);

}
