#pragma once

#include "cli/commands/command_context.hpp"
#include "cli/fetch/latency_meter.hpp"
#include "cli/options/options.hpp"

#include <doks/bulk.hpp>
#include <doks/client.hpp>
#include <doks/kubeconfig_directory.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace doks::cli {

/** The accounts that a command works on: a client for each API token, all on one set of connections.

    Each client is labelled with its context, the one without `--context` with nothing. Where there are `several`,
    results name the context, and each has a directory of its own.
*/
struct account_set
{
    std::vector<client> clients; ///< never empty
    bool several = false;
    std::shared_ptr<latency_meter> latency;
    std::size_t connections = 0;
    std::size_t wanted_connections = 0; ///< more than `connections` where the process may open few files
    std::vector<rate_window> limits;    ///< of each token

    /// The label where results name it, empty if there is one account.
    std::string context_shown(const std::string& label) const { return several ? label : std::string(); }
};

/// The client's configuration by the options and the environment, its token not yet looked up.
client_config configuration_of(const global_options& global, const environment& variables);

/** The API's address in one form, `https://` and a default port left out: `api.digitalocean.com`.

    Errors: `cli_error` (usage).
*/
std::string api_address(const global_options& global, const environment& variables);

/// The one account with this configuration's token; an observer is added.
account_set make_account(client_config config, const global_options& global, command_context& context);

/** The accounts that the options and the environment ask for.

    Of all contexts the calls of one whose token cannot be sent fail, and say why.
    Errors: `cli_error` (usage) about a token, a context or an address; `failure` about certificates.
*/
account_set make_accounts(const global_options& global, command_context& context);

/// Options for a bulk that shares connections with the other accounts, and has its token's whole quota to itself.
bulk_options sole_user_options(const account_set& accounts);

/// Where each account's kubeconfigs are, by its label.
using directories = std::map<std::string, kubeconfig_directory, std::less<>>;

/** Opens them: `out` itself, or where there are several `out/<context>`, the name as `path_segment` writes it.

    Errors: throws `failure` with `unusable_directory`.
*/
directories open_directories(const account_set& accounts, const std::filesystem::path& out);

}
