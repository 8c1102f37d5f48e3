#pragma once

#include "api/operation.hpp"

#include <doks/kubeconfig.hpp>

#include <chrono>
#include <string>

namespace doks::api {

/// What a keeper holds one credential for.
struct credential_key
{
    std::string id;
    std::chrono::seconds expiry{0};
    credential_type type = credential_type::token;
};

/// A kubeconfig, and its time by the boot clock; `never` where it does not expire.
struct credential
{
    kubeconfig config;
    core::instant since{};
    core::instant expires = core::never;
};

/** Fetches one kubeconfig; if the API has none, asks whether the cluster exists.

    A credential that has expired when it arrives is a failure.
*/
awaitable<result<credential>> fetch_credential(
    operation& self, credential_key key, call_options options, request_terms terms);

}
