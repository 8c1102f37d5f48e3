#pragma once

#include <doks/failure.hpp>
#include <doks/secret.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace doks {

/** A Kubernetes cluster as the API lists it.

    Shape: every field but the id may be empty: a token with narrow scopes does not see all of them.
    Source: DigitalOcean's API reference, "List All Kubernetes Clusters".
*/
struct cluster
{
    std::string id;
    std::string name;
    std::string region;
    std::string version;
    std::string endpoint;
    std::string state; ///< running, provisioning, degraded, error, deleted, upgrading, deleting
    std::string state_message;
    std::vector<std::string> tags;
    bool highly_available = false;
    bool single_sign_on = false; ///< kubeconfigs without an explicit type then hold an exec entry
    std::string created_at;      ///< RFC 3339, as received
    std::string updated_at;      ///< RFC 3339, as received
};

/** The parts of a kubeconfig by themselves, with the exact time of expiry.

    Shape: certificates and key in PEM; either a token or a client certificate with its key. Minting it leaves a
    credential alive until `expires_at`, as fetching a kubeconfig does.
    Source: DigitalOcean's API reference, "Retrieve Credentials for a Kubernetes Cluster".
*/
struct credentials
{
    std::string server;
    std::string certificate_authority;
    secret token;
    std::string client_certificate;
    secret client_key;
    std::chrono::system_clock::time_point expires_at;
    call_info info;
};

/** Who the token's owner is inside a cluster: what a token of `kubeconfig` or `credentials` authenticates as.

    Shape: the groups are what the cluster's role bindings refer to. Of DigitalOcean's roles the predefined ones map to
    rights by themselves: Owner and Member to all of them, Modifier to all but deleting and binding roles, the others to
    viewing without secrets. A custom role maps to none until an administrator of the cluster binds it: that there is a
    user, and a kubeconfig, promises no right inside the cluster.
    Source: DigitalOcean's API reference, "Retrieve User Information for a Kubernetes Cluster"; the reference page of the
    kubeconfig endpoint.
*/
struct cluster_user
{
    std::string username;
    std::vector<std::string> groups;
    call_info info;
};

}
