#pragma once

#include "cli/process/environment.hpp"

#include <doks/secret.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doks::cli {

/** Where doctl keeps its configuration: DIGITALOCEAN_CONFIG, else `doctl/config.yaml` in XDG_CONFIG_HOME, else in
    `HOME/.config`; empty where none of them is set.
*/
std::filesystem::path doctl_config_path(const environment& variables);
/// The one that HOME alone leads to; empty without HOME.
std::filesystem::path doctl_config_in_home(const environment& variables);

/** The name of a context as doctl looks it up: in lower case.

    ASCII only; a letter beyond it has to be written as the configuration has it.
*/
std::string doctl_name(std::string_view name);

/// An account that doctl knows, by the name that it has there.
struct doctl_context
{
    std::string name;          ///< in lower case
    secret token;              ///< empty where the configuration has none
    bool is_ambiguous = false; ///< the configuration has the name twice, in upper and in lower case
};

/** What doctl's configuration says of tokens.

    The context `default` is `access-token`, where there is one, and stands first; then those of `auth-contexts`
    in their order, those too that no command line can hold: one without a name, and names with a NUL.
    Errors: `cli_error` (usage) where the text is no YAML; no value is quoted.
    @see doctl's README, "Authenticating with DigitalOcean"; the file that `doctl auth init` writes; names are
    compared as commands/doit.go and viper do: in lower case.
*/
class doctl_config
{
public:
    doctl_config(std::string_view bytes, std::filesystem::path where);

    /** Reads the file; nothing where there is none.

        Errors: `cli_error` (usage) where it cannot be read, and where DIGITALOCEAN_CONFIG names a file that is not there.
    */
    static std::optional<doctl_config> find(const environment& variables);

    const std::filesystem::path& where() const noexcept { return where_; }
    const std::vector<doctl_context>& contexts() const noexcept { return contexts_; }
    const doctl_context* find_context(std::string_view name) const;

    /// The name of the context that doctl uses; that of the first token where it does not say.
    std::string current() const { return current_.empty() ? "default" : current_; }

    /** The token of the current context; none where doctl has no context either.

        Errors: `cli_error` (usage) where the current context is one that has no token, or that is there twice.
    */
    std::optional<secret> current_token() const;

private:
    std::filesystem::path where_;
    std::string current_;
    std::vector<doctl_context> contexts_;
};

}
