#pragma once

#include "cli/environment.hpp"

#include <doks/secret.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doks::cli {

/// Where doctl keeps its configuration; empty where neither XDG_CONFIG_HOME nor HOME says so.
std::filesystem::path doctl_config_path(const environment& variables);

/// An account that doctl knows, by the name that it has there.
struct doctl_context
{
    std::string name;
    secret token; ///< empty where the configuration has none
};

/** What doctl's configuration says of tokens.

    Shape: the context `default` is `access-token`, where there is one, and stands first; then those of `auth-contexts`
    in their order.
    Errors: `problem` (usage) where the text is no YAML; no value is quoted.
    Source: doctl's README, "Authenticating with DigitalOcean"; the file that `doctl auth init` writes.
*/
class doctl_config
{
public:
    doctl_config(std::string_view yaml, std::filesystem::path where);

    /// Reads the file; nothing where there is none.
    static std::optional<doctl_config> find(const environment& variables);

    const std::filesystem::path& where() const noexcept { return where_; }
    const std::vector<doctl_context>& contexts() const noexcept { return contexts_; }
    const doctl_context* find_context(std::string_view name) const noexcept;

    /// The name of the context that doctl uses; that of the first token where it does not say.
    std::string current() const { return current_.empty() ? "default" : current_; }

    /** The token of the current context; none where doctl has no context either.

        Errors: `problem` (usage) where the current context is one that has no token.
    */
    std::optional<secret> current_token() const;

private:
    std::filesystem::path where_;
    std::string current_;
    std::vector<doctl_context> contexts_;
};

}
