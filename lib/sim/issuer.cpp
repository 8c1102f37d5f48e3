#include "sim/issuer.hpp"

#include "sim/random.hpp"

#include <utility>

namespace doks::sim {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds default_lifetime = 24h * 7;

const holder* usable(
    const std::unordered_map<std::string, holder>& from, std::string_view key, const accounts& all, instant now)
{
    auto found = from.find(std::string(key));
    if (found == from.end() || found->second.expires <= now) return nullptr;
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
    holder who{cluster.spec.id, kube_user(owner), owner.role, until, cluster.revocations};
    return by_token ? mint_token(std::move(who)) : mint_certificate(std::move(who), now);
}

minted_credential issuer::mint_token(holder who)
{
    minted_credential made;
    made.token = random_hex(32);
    made.expires = who.expires;
    tokens_.emplace(made.token, std::move(who));
    return made;
}

minted_credential issuer::mint_certificate(holder who, instant now)
{
    identity client = authority_.issue_client(who.user, "doks-sim:users", now, who.expires);
    minted_credential made;
    made.certificate_pem = client.certificate_pem();
    made.key_pem = client.key_pem();
    made.expires = who.expires;
    certificates_.emplace(fingerprint(*client.certificate), std::move(who));
    return made;
}

const holder* issuer::holder_of_token(std::string_view token, const accounts& all, instant now) const
{
    return usable(tokens_, token, all, now);
}

const holder* issuer::holder_of_certificate(std::string_view digest, const accounts& all, instant now) const
{
    return usable(certificates_, digest, all, now);
}

}
