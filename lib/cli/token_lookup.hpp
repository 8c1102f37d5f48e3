#pragma once

#include "cli/environment.hpp"

#include <doks/secret.hpp>
#include <doks/token_source.hpp>

#include <istream>
#include <optional>
#include <string>
#include <string_view>

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

}
