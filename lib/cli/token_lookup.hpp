#pragma once

#include "cli/doctl_config.hpp"
#include "cli/environment.hpp"
#include "cli/options.hpp"

#include <doks/secret.hpp>
#include <doks/token_source.hpp>

#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doks::cli {

/** Throws `problem` (usage) unless the token can stand in a header: printable ASCII, no white space.

    Shape: `where` names the place that it came from; the token itself is never quoted.
*/
void require_sendable(const secret& token, std::string_view where);

/** The API token: of `--token-file` (`-` is standard input), else DIGITALOCEAN_TOKEN, else
    DIGITALOCEAN_ACCESS_TOKEN, else doctl's configuration.

    Shape: a file is read again when it changes, everything else once.
    Errors: `problem` (usage) that names the place at fault, or all of them where there is none.
*/
token_source find_token(
    const std::optional<std::string>& token_file, const environment& variables, std::istream& standard_input);

/// The context whose token `find_token` gives where it gives one of doctl's.
std::optional<std::string> doctl_context_in_use(const environment& variables);

/** The chosen contexts of doctl's configuration, in the order in which they were asked for; never empty.

    Errors: `problem` (usage) that lists the names that there are where one is unknown, and that names the context whose
    token cannot be sent or whose name is no safe segment of a path.
*/
std::vector<doctl_context> find_contexts(const context_choice& chosen, const environment& variables);

}
