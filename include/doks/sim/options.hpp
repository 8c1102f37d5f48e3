#pragma once

#include <doks/sim/fault.hpp>
#include <doks/sim/rate_limit.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace doks::sim {

/** A user's role in the team; it decides the rights of a minted credential inside the cluster. */
enum class role
{
    owner,           ///< cluster-admin
    member,          ///< cluster-admin
    modifier,        ///< create, read, update; no delete
    biller,          ///< view without secrets
    billing_viewer,  ///< view without secrets
    resource_viewer, ///< view without secrets
    custom,          ///< nothing, until an administrator of the cluster adds bindings
};

/** An API token that the simulator accepts. */
struct token_spec
{
    std::string label = "token"; ///< Its name in the journal, which never holds the secret.
    std::string value{};         ///< The secret; generated if empty.
    sim::role role = role::owner;
    /// Empty is full access. Without kubernetes:access_cluster a kubeconfig is a 403.
    std::vector<std::string> scopes{};
};

/** The kind of credential that a cluster accepts. */
enum class credential_form
{
    token,       ///< Bearer tokens that expire as asked.
    certificate, ///< Old versions: X.509 client certificates; an expiry has no effect.
};

/** A cluster of the account. */
struct cluster_spec
{
    std::string id{};   ///< A UUID; generated if empty.
    std::string name{}; ///< `cluster-N` if empty.
    std::string region = "nyc1";
    std::string version{}; ///< Chosen by the form if empty.
    /// running, provisioning (no kubeconfig yet: 404), degraded, error, deleted, upgrading or deleting.
    std::string state = "running";
    credential_form form = credential_form::token;
    bool sso = false; ///< Single sign-on: without `type=token` the kubeconfig is the exec form.
    std::vector<std::string> tags{};
};

/** One-way latency of each request and, drawn again, of its response; uniform in [min, max]. */
struct latency
{
    std::chrono::nanoseconds min{0};
    std::chrono::nanoseconds max{0};
};

/** Reads `20ms` or `20ms..200ms`. @throws std::invalid_argument that quotes the text and shows the form. */
latency parse_latency(std::string_view text);

/** An account besides the first one: its tokens see its clusters and no others. */
struct account_spec
{
    std::string name{};               ///< Letters, digits, '-', '.' and '_'; each account has another one.
    std::size_t clusters = 3;         ///< Made up, with names and regions; more by simulator::set_cluster.
    std::vector<token_spec> tokens{}; ///< Empty: one owner's token whose label is the account's name.
};

/** A simulator's settings. The defaults: an account with three clusters, one owner's token and the real limits. */
struct options
{
    std::size_t clusters = 3;                  ///< Made up, with names and regions; more by simulator::set_cluster.
    std::vector<token_spec> tokens{};          ///< Empty: one owner's token, its secret generated.
    std::vector<account_spec> more_accounts{}; ///< Besides the account that `clusters` and `tokens` describe.
    rate_limit limit{};                        ///< Of each token on its own.
    std::vector<fault> faults{};               ///< By rate; the rates add up to 1 at most.
    sim::latency latency{};                    ///< Of the API; the Kubernetes API has none.
    std::uint16_t port = 0;                    ///< Of the API; 0 is any free one.
    std::uint16_t kube_port = 0;               ///< Of the Kubernetes API; 0 is any free one.
    /// true: kubeconfigs name `https://<id>.k8s.ondigitalocean.com` instead of the simulator.
    bool real_kube_names = false;
    bool plain_http = false;                      ///< true: the API speaks http:// (the Kubernetes API stays TLS).
    bool chunked = false;                         ///< true: bodies come in chunks instead of with a length.
    std::chrono::nanoseconds close_idle_after{0}; ///< An idle connection is closed after this; 0 is never.
    std::size_t max_requests_per_connection = 0;  ///< The last one says `Connection: close`; 0 is no maximum.
    std::string journal_file{};                   ///< JSON lines, mode 0600; empty is none.
    std::uint64_t seed = 1;                       ///< Of faults and latency; ids, tokens and keys are always random.
};

}
