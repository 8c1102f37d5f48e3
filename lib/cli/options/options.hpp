#pragma once

#include <doks/call_options.hpp>
#include <doks/cluster_selector.hpp>
#include <doks/kubeconfig_file.hpp>
#include <doks/rate_limit.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace doks::cli {

enum class progress_mode
{
    automatic,
    always,
    never
};
enum class output_form
{
    text,
    json
};
enum class trace_mode
{
    off,
    on
};

/// Which files a fetch removes besides.
enum class prune_mode
{
    off,
    half, ///< those of clusters that are gone, at most half of a directory
    all   ///< those of clusters that are gone, however many
};

enum class cache_mode
{
    off,
    on
};

enum class shell
{
    bash,
    zsh,
    fish
};

/// Contexts of doctl's configuration, each with a token of its own; without any the token is looked for elsewhere.
struct context_choice
{
    std::vector<std::string> names; ///< in lower case, each once
    bool all = false;
    bool is_from_environment = false; ///< DIGITALOCEAN_CONTEXT names the one context

    bool none() const noexcept { return names.empty() && !all; }
    bool several() const noexcept { return names.size() > 1 || all; }
};

/// The options of every command; what is unset keeps the SDK's default.
struct global_options
{
    std::optional<std::string> api_url;
    std::optional<std::string> token_file;
    context_choice contexts;
    std::optional<std::string> ca_file;
    std::optional<std::string> proxy; ///< a URL, `none`, or `environment`, which is the default
    std::optional<std::chrono::nanoseconds> timeout;
    std::optional<unsigned> attempts;
    std::optional<std::size_t> connections;
    std::optional<std::vector<rate_window>> rate_limit;
    progress_mode progress = progress_mode::automatic;
    trace_mode trace = trace_mode::off;
    output_form output = output_form::text;
};

/// `--help` or `--version`.
struct help_command
{
    std::string text;
};

struct clusters_command
{};

struct show_command
{
    std::string reference; ///< an id or a name
    std::optional<std::chrono::seconds> expiry;
    credential_type type = credential_type::token;
};

/// Whose kubeconfigs come into which directory.
struct directory_target
{
    bool all = false;                    ///< every cluster that matches `wanted`
    std::optional<std::string> ids_file; ///< else these
    cluster_selector wanted;
    std::filesystem::path out;
    std::optional<std::chrono::seconds> expiry;
};

struct fetch_command : directory_target
{
    std::optional<std::chrono::nanoseconds> fresh_for;
    prune_mode prune = prune_mode::off;
};

struct watch_command : directory_target
{};

/// What kubectl proves itself by, in the entries that are saved.
enum class saved_credential
{
    token, ///< or a certificate: what the API mints now
    plugin ///< whatever `doks credential` gives when kubectl runs it
};

struct save_command
{
    bool all = false;                    ///< every cluster that matches `wanted`
    std::vector<std::string> references; ///< else these, ids and names, in this order
    cluster_selector wanted;
    std::optional<std::filesystem::path> kubeconfig; ///< none: what kubectl would use
    merge_options options;
    std::optional<std::chrono::seconds> expiry;
    saved_credential as = saved_credential::token;
};

struct remove_command
{
    std::vector<std::string> entries; ///< contexts, ids and names of clusters
    std::optional<std::filesystem::path> kubeconfig;
};

/// kubectl's exec plugin.
struct credential_command
{
    std::string id;
    std::chrono::seconds expiry = std::chrono::hours(1);
    cache_mode cached = cache_mode::on;
    std::optional<std::filesystem::path> cache; ///< none: the user's own
    bool forgets = false;                       ///< of `id`, or of every cluster if that is empty, and gives none
};

struct completion_command
{
    shell of = shell::bash;
};

struct man_command
{
    std::vector<std::string> words;           ///< of the command that the page is about; none: doks itself
    std::optional<std::filesystem::path> out; ///< all pages, as files of this directory
};

using any_command = std::variant<help_command, clusters_command, show_command, fetch_command, watch_command,
    save_command, remove_command, credential_command, completion_command, man_command>;

struct command_line
{
    global_options global;
    any_command command;
};

/** Reads the command line, without the program's own name. It is defined here and nowhere else.

    Errors: `cli_error` (usage).
*/
command_line parse_command_line(std::vector<std::string> arguments);

}
