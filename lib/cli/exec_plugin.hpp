#pragma once

#include "cli/environment.hpp"
#include "cli/options.hpp"

#include <doks/kubeconfig.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace doks::cli {

/** The entry of a kubeconfig that has kubectl run `doks credential` with these options.

    Shape: apiVersion v1beta1, which every kubectl takes. Whose token it is, and where the API is, go along as they are
    now, DIGITALOCEAN_API_URL included; the paths of files become absolute, for kubectl runs in any directory. No token
    goes along: it is looked up where the plugin runs.
    Errors: `problem` (usage) where the token is to come from standard input.
*/
exec_entry credential_plugin(std::string program, const std::string& cluster_id,
    std::optional<std::chrono::seconds> expiry, const global_options& global, const environment& variables);

/** The entry as lines of YAML, the first of them `exec:`; each begins with so many spaces.

    Shape: never asks a person for anything (`interactiveMode`), and wants no word of the cluster (`provideClusterInfo`);
    a kubectl that is too old for either passes over it.
*/
std::string exec_lines(const exec_entry& entry, std::size_t indentation);

}
