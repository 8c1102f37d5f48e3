#pragma once

#include "cli/commands/command_context.hpp"
#include "cli/options/options.hpp"
#include "cli/process/environment.hpp"
#include "cli/tokens/doctl_config.hpp"

#include <doks/secret.hpp>
#include <doks/token_source.hpp>

#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doks::cli {

/** Throws `cli_error` (usage) unless the token can stand in a header: printable ASCII, no white space.

    `where` names the place that it came from; the token itself is never quoted.
*/
void require_sendable(const secret& token, std::string_view where);

/** The API token: of `--token-file` (`-` is standard input), else DIGITALOCEAN_TOKEN, else
    DIGITALOCEAN_ACCESS_TOKEN, else doctl's configuration.

    A file is read again when it changes, everything else once. `pipe` keeps what was read of a pipe.
    Errors: `cli_error` (usage) that names the place at fault, or all of them where there is none.
*/
token_source find_token(const std::optional<std::string>& token_file, const environment& variables,
    std::istream& standard_input, piped_token& pipe);

/// It is a pipe (process substitution) or a terminal: what was read of it is gone.
bool is_read_once(const std::string& file);

/** The token that a command with these options would use now, of the one context or where `find_token` looks.

    Errors: as `find_token` and `find_contexts`.
*/
secret token_now(
    const global_options& global, const environment& variables, std::istream& standard_input, piped_token& pipe);

/// The context whose token `find_token` gives where it gives one of doctl's.
std::optional<std::string> doctl_context_in_use(const environment& variables);

/** The contexts by the options and by DIGITALOCEAN_CONTEXT, which counts where neither `--context`, `--all-contexts` nor
    `--token-file` was given.

    As in doctl the variable goes before DIGITALOCEAN_ACCESS_TOKEN (and DIGITALOCEAN_TOKEN, which doctl does not
    know), unless it says `default`: that context's token is then the variable's.
*/
context_choice contexts_in_use(const global_options& global, const environment& variables);

/// One of doctl's contexts that was asked for.
struct chosen_context
{
    std::string name;
    secret token;
    std::string fault;  ///< why the token cannot be used, with all contexts; else empty
    std::string remedy; ///< of the fault
};

/** The chosen contexts of doctl's configuration, in the order in which they were asked for; never empty.

    Of all contexts one without a token that can be sent, and one whose name no command line can hold, is among
    them, with its fault.
    Errors: `cli_error` (usage) that lists the names that there are where one is unknown, and that names the context whose
    token cannot be sent.
*/
std::vector<chosen_context> find_contexts(const context_choice& chosen, const environment& variables);

}
