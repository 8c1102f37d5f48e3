#pragma once

#include "sim/account/account_state.hpp"
#include "sim/pki/issuer.hpp"

#include <string>
#include <string_view>

namespace doks::sim {

/** Standard base64 with padding, on one line. */
std::string base64(std::string_view bytes);

/** A kubeconfig of DigitalOcean's form that holds the credential. */
std::string kubeconfig_text(const cluster_record& cluster, std::string_view server, std::string_view ca_base64,
    const minted_credential& credential);

/** The single sign-on form: an exec entry that runs doctl, and no credential. */
std::string sso_kubeconfig_text(const cluster_record& cluster, std::string_view server, std::string_view ca_base64);

}
