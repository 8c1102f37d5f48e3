#include "sim/pki/issuer.hpp"

#include "sim/random.hpp"

#include <utility>

namespace doks::sim {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds default_lifetime = 24h * 7;

const identity* usable(
    const std::unordered_map<std::string, identity>& minted, std::string_view key, const accounts& all, instant now)
{
    auto found = minted.find(std::string(key));
    if (found == minted.end() || found->second.expires <= now) return nullptr;
    const cluster_record* cluster = all.find_cluster(found->second.cluster);
    return cluster && cluster->revocations == found->second.revocations ? &found->second : nullptr;
}

}

std::string kube_user(const token_spec& owner) { return owner.label + "@doks-sim.example"; }

minted_credential issuer::mint(
    const cluster_record& cluster, const token_spec& owner, std::optional<std::chrono::seconds> lifetime, instant now)
{
    bool by_token = cluster.spec.form == credential_form::token;
    auto lives = by_token ? lifetime.value_or(default_lifetime) : default_lifetime;
    instant until = now + lives;
    if (!by_token) until = std::chrono::floor<std::chrono::seconds>(until);
    identity identity{cluster.spec.id, kube_user(owner), owner.role, until, cluster.revocations};
    return by_token ? mint_token(std::move(identity)) : mint_certificate(std::move(identity), now);
}

minted_credential issuer::mint_token(identity identity)
{
    minted_credential made;
    made.token = random_hex(32);
    made.expires = identity.expires;
    tokens_.emplace(made.token, std::move(identity));
    return made;
}

minted_credential issuer::mint_certificate(identity identity, instant now)
{
    certificate_with_key client = authority_.issue_client(identity.user, "doks-sim:users", now, identity.expires);
    minted_credential made;
    made.certificate_pem = client.certificate_pem();
    made.key_pem = client.key_pem();
    made.expires = identity.expires;
    certificates_.emplace(fingerprint(*client.certificate), std::move(identity));
    return made;
}

const identity* issuer::identity_of_token(std::string_view token, const accounts& all, instant now) const
{
    return usable(tokens_, token, all, now);
}

const identity* issuer::identity_of_certificate(std::string_view digest, const accounts& all, instant now) const
{
    return usable(certificates_, digest, all, now);
}

}
