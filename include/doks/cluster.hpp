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

}
