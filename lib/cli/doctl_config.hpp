#pragma once

#include "cli/environment.hpp"

#include <doks/secret.hpp>

#include <filesystem>
#include <optional>
#include <string_view>

namespace doks::cli {

/// Where doctl keeps its configuration; empty where neither XDG_CONFIG_HOME nor HOME says so.
std::filesystem::path doctl_config_path(const environment& variables);

/** The token of the configuration's current context: `access-token`, or what `context` names in `auth-contexts`.

    Errors: `problem` (usage) where the text is no YAML, or names a context that it does not hold; no value is quoted.
    Source: doctl's README, "Authenticating with DigitalOcean"; the file that `doctl auth init` writes.
*/
std::optional<secret> token_of_doctl(std::string_view yaml, const std::filesystem::path& where);

}
