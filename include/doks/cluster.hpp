#pragma once

#include <doks/failure.hpp>
#include <doks/secret.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace doks {

/** A Kubernetes cluster as the API lists it.

    Every field but the id may be empty: a token with narrow scopes does not see all of them.
    @see DigitalOcean's API reference, "List All Kubernetes Clusters"
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

/** The parts of a kubeconfig, with the exact time of expiry.

    Certificates and key are PEM. There is either a token or a client certificate with its key. The credential lives until
    `expires_at`, as that of a kubeconfig does.
    @see DigitalOcean's API reference, "Retrieve Credentials for a Kubernetes Cluster"
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

/** The token owner's identity inside a cluster: the user as whom a token of `kubeconfig` or `credentials` authenticates.

    The cluster's role bindings refer to the groups. DigitalOcean's predefined roles map to rights automatically: Owner and
    Member to all of them, Modifier to all but deleting and binding roles, the others to viewing without secrets. A custom
    role maps to none until an administrator of the cluster binds it. So a user, or a kubeconfig, promises no right inside
    the cluster.
    @see DigitalOcean's API reference, "Retrieve User Information for a Kubernetes Cluster"; the reference page of the
    kubeconfig endpoint
*/
struct cluster_user
{
    std::string username;
    std::vector<std::string> groups;
    call_info info;
};

}
