#pragma once

#include "cli/options/options.hpp"
#include "cli/process/environment.hpp"

#include <doks/kubeconfig.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace doks::cli {

/** Where this program is, by the name that it was called by.

    Absolute, for kubectl runs its plugins in any directory and with any PATH. Symbolic links stay: what they point
    to may have a version's number in its name. Where that name leads nowhere, what the system says is running.
*/
std::string path_of_program(const std::string& called_as, const environment& variables);

/** The entry of a kubeconfig that has kubectl run `doks credential` with these options.

    `apiVersion` v1beta1, which every kubectl takes. Whose token it is, and where the API is, go along as they are
    now, DIGITALOCEAN_API_URL included; the paths of files become absolute, for kubectl runs in any directory. With a
    context the entry's environment names doctl's configuration unless that is the one in HOME, which kubectl has too.
    No token goes along: it is looked up where the plugin runs, so it must not come from standard input.
*/
exec_entry credential_plugin(std::string program, const std::string& cluster_id,
    std::optional<std::chrono::seconds> expiry, const global_options& global, const environment& variables);

/** Throws `cli_error` (usage) if an option that would go into the entry has control or format characters, which no kubeconfig
    should hold: it names the context, or the option.

    Known before anything is minted, for an entry's options do not depend on the cluster.
*/
void require_writable(const exec_entry& entry);

/** Throws `failure` with `invalid_argument` unless `doks credential` takes the entry's arguments, and reads the cluster
    and the contexts out of them again: what this program would refuse to run is not written.
*/
void require_runnable(const exec_entry& entry, const std::string& cluster_id, const context_choice& contexts);

}
