#include "cli/options/command_line_syntax.hpp"

#include "cli/options/choices.hpp"
#include "cli/options/duration.hpp"
#include "cli/options/help_texts.hpp"
#include "cli/options/option_checks.hpp"
#include "cli/options/option_values.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace doks::cli {

namespace {

/// `read` turns the text of the option into its value, or throws a `cli_error` that names the option.
template <class Value, class Read>
CLI::Option* add(CLI::App& app, const std::string& name, Value& value, Read read, const std::string& description)
{
    return app.add_option_function<std::string>(
        name, [&value, read, name](const std::string& text) { value = read(text, name); }, description);
}

template <class Value, class Choice, std::size_t Count>
CLI::Option* add_choice(CLI::App& app, const std::string& name, Value& value,
    const std::array<choice<Choice>, Count>& choices, const std::string& description)
{
    const auto read = [&choices](
                          std::string_view text, std::string_view option) { return one_of(text, option, choices); };
    return add(app, name, value, read, description)->type_name(names_of(choices, "|"));
}

/// A number from 1 to `most`.
template <class Value>
CLI::Option* add_count(
    CLI::App& app, const std::string& name, Value& value, std::size_t most, const std::string& description)
{
    const auto read = [most](std::string_view text, std::string_view option) {
        return static_cast<typename Value::value_type>(parse_count(text, option, 1, most));
    };
    return add(app, name, value, read, description)->type_name("N");
}

template <class Value> CLI::Option* add_expiry(CLI::App& app, Value& value, const std::string& description)
{
    return add(app, "--expiry", value, parse_expiry, description)->type_name("D");
}

/// One value each time that the option is given.
CLI::Option* add_repeatable(
    CLI::App& app, const std::string& name, std::vector<std::string>& values, const std::string& description)
{
    return app.add_option(name, values, description)->allow_extra_args(false);
}

/// Has the parsed command checked and taken over, once the options of every level are parsed.
template <class Command>
void finish(CLI::App& app, std::shared_ptr<Command> command, command_line& line, const char* footnote = short_footnote)
{
    app.footer(footnote);
    app.final_callback([command, &line] {
        require_consistent(*command, line.global);
        line.command = std::move(*command);
    });
}

void add_global_options(CLI::App& app, global_options& global)
{
    app.add_option("--api-url", global.api_url, "The API's address (or DIGITALOCEAN_API_URL)")->type_name("URL");
    app.add_option("--token-file", global.token_file, "File with the API token, or - for standard input")
        ->type_name("FILE");
    add_repeatable(
        app, "--context", global.contexts.names, "The token of this context of doctl's; may be given several times")
        ->type_name("NAME")
        ->transform([](const std::string& name) { return read_context(name); });
    app.add_flag("--all-contexts", global.contexts.all, "Every context of doctl's configuration");
    app.add_option("--ca-file", global.ca_file, "PEM certificates to trust instead of the system's")->type_name("FILE");
    add(app, "--proxy", global.proxy, read_proxy,
        "HTTP proxy to the API, or none; HTTPS_PROXY less NO_PROXY by default")
        ->type_name("URL");
    add(app, "--timeout", global.timeout, parse_positive_duration, "Deadline of each call, 60s by default")
        ->type_name("D");
    add_count(app, "--attempts", global.attempts, 100, "Attempts of each call: 5 by default, 10 for fetch and save");
    add_count(app, "--connections", global.connections, 1000, "Connections at most, 64 by default");
    add(app, "--rate-limit", global.rate_limit, parse_rate_windows,
        "Requests per duration: N/D[,N/D...] or off, 250/1m,5000/1h by default")
        ->type_name("LIMITS");
    add_choice(app, "--progress", global.progress, progress_choices,
        "When progress is shown; auto: on a terminal all the time, elsewhere now and then");
    app.add_flag_callback(
        "--trace", [&global] { global.trace = trace_mode::on; },
        "Requests and responses on standard error, secrets redacted");
    add_choice(app, "--output", global.output, output_choices, "How results are written, text by default");
}

void add_selector(CLI::App& app, cluster_selector& wanted)
{
    add_repeatable(app, "--region", wanted.regions, "With --all: only in this region, or one of several")
        ->type_name("R")
        ->each([](const std::string& value) { require_value(value, "--region"); });
    add_repeatable(app, "--tag", wanted.tags, "With --all: only with this tag, or one of several")
        ->type_name("T")
        ->each([](const std::string& value) { require_value(value, "--tag"); });
}

/// Whose kubeconfigs, and where to.
void add_target(CLI::App& app, directory_target& target)
{
    app.add_flag("--all", target.all, "Of every cluster of the account");
    app.add_option(
           "--ids", target.ids_file, "Of the clusters that FILE names by id or name, one a line; - is standard input")
        ->type_name("FILE");
    add(app, "--out", target.out, read_directory, "The directory, made where it is missing")
        ->type_name("DIR")
        ->required();
    add_expiry(app, target.expiry, "How long the credentials live; 7d if left out");
    add_selector(app, target.wanted);
}

void add_kubectl_file(CLI::App& app, std::optional<std::filesystem::path>& file)
{
    add(app, "--kubeconfig", file, read_kubectl_file, "This file, instead of the one that kubectl would use")
        ->type_name("FILE");
}

void add_show(CLI::App& kubeconfig, command_line& line)
{
    const auto show = std::make_shared<show_command>();
    auto& app = *kubeconfig.add_subcommand("show", "Print a kubeconfig exactly as received");
    add(app, "CLUSTER", show->reference, read_reference, "Its id (a UUID) or its name")->required();
    add_expiry(app, show->expiry, "How long the credential lives; 7d if left out");
    add_choice(app, "--type", show->type, type_choices, "Which credential, token by default");
    finish(app, show, line);
}

void add_fetch(CLI::App& kubeconfig, command_line& line)
{
    const auto fetch = std::make_shared<fetch_command>();
    const auto prune = std::make_shared<std::string>();
    auto& app = *kubeconfig.add_subcommand("fetch", "Fetch many kubeconfigs into a directory");
    add_target(app, *fetch);
    add(app, "--fresh-for", fetch->fresh_for, parse_duration, "Leave alone what is in DIR and stays valid that long")
        ->type_name("D");
    app.add_flag("--prune", *prune,
           "With --all: remove the files of clusters that are gone, of at most half of DIR; --prune=all: of any number")
        ->each([fetch, prune](const std::string& value) { fetch->prune = read_prune(value); });
    finish(app, fetch, line, fetch_footnote);
}

void add_watch(CLI::App& kubeconfig, command_line& line)
{
    const auto watch = std::make_shared<watch_command>();
    auto& app = *kubeconfig.add_subcommand("watch", "Keep a directory of kubeconfigs fresh until stopped");
    add_target(app, *watch);
    finish(app, watch, line, watch_footnote);
}

void add_save(CLI::App& kubeconfig, command_line& line)
{
    const auto save = std::make_shared<save_command>();
    auto& app = *kubeconfig.add_subcommand("save", "Put kubeconfigs into the file that kubectl uses");
    app.add_option("CLUSTER", save->references, "Ids (UUIDs) or names");
    app.add_flag("--all", save->all, "Of every cluster of the account");
    add_kubectl_file(app, save->kubeconfig);
    add(app, "--alias", save->options.alias, read_alias, "The context's name, of one CLUSTER")->type_name("NAME");
    app.add_flag_callback(
        "--set-current-context", [save] { save->options.current = current_context::set_to_first; },
        "Make it kubectl's context, of one CLUSTER");
    add_expiry(app, save->expiry, "How long the credentials live; 7d if left out, 1h with --exec");
    app.add_flag_callback(
        "--exec", [save] { save->as = saved_credential::plugin; }, "Have kubectl ask doks for the credential");
    add_choice(app, "--collision", save->options.on_collision, collision_choices,
        "Where another entry has the name, rename by default");
    add_selector(app, save->wanted);
    finish(app, save, line, save_footnote);
}

void add_remove(CLI::App& kubeconfig, command_line& line)
{
    const auto remove = std::make_shared<remove_command>();
    auto& app = *kubeconfig.add_subcommand("remove", "Take entries out of the file that kubectl uses");
    app.add_option("ENTRY", remove->entries, "Contexts, ids or names")->required();
    add_kubectl_file(app, remove->kubeconfig);
    finish(app, remove, line, remove_footnote);
}

void add_credential(CLI::App& top, command_line& line)
{
    const auto credential = std::make_shared<credential_command>();
    auto& app = *top.add_subcommand("credential", "Give kubectl a credential, as its exec plugin");
    add(app, "ID", credential->id, read_id, "The cluster's id (a UUID)");
    add_expiry(app, credential->expiry, "How long the credential lives; 1h if left out");
    add(app, "--cache", credential->cache, read_cache, "Where credentials are kept for the next call")
        ->type_name("DIR");
    app.add_flag_callback(
        "--no-cache", [credential] { credential->cached = cache_mode::off; },
        "Mint another one, and forget what is cached of this cluster");
    app.add_flag("--forget", credential->forgets, "Give none, and forget what is cached of this cluster, or of all");
    finish(app, credential, line, credential_footnote);
}

void add_pages(CLI::App& top, command_line& line)
{
    const auto completion = std::make_shared<completion_command>();
    auto& shells = *top.add_subcommand("completion", "Print a shell's completion of this command line");
    add_choice(shells, "SHELL", completion->of, shell_choices, "The shell")->required();
    finish(shells, completion, line, completion_footnote);
    const auto man = std::make_shared<man_command>();
    auto& pages = *top.add_subcommand("man", "Print a man page, in roff");
    pages.add_option("COMMAND", man->words, "The command that it is about");
    add(pages, "--out", man->out, read_text, "Write all pages into this directory instead")->type_name("DIR");
    finish(pages, man, line, man_footnote);
}

}

std::string program_version() { return "doks " DOKS_VERSION; }

void define_command_line(CLI::App& app, command_line& into)
{
    app.name("doks");
    app.description(about);
    app.fallthrough();
    app.require_subcommand(1);
    app.set_version_flag("--version", program_version());
    app.footer(footnote);
    add_global_options(app, into.global);
    app.parse_complete_callback([&into] { require_consistent(into.global); });
    finish(*app.add_subcommand("clusters", "List every cluster of the account"), std::make_shared<clusters_command>(),
        into);
    auto& kubeconfig = *app.add_subcommand("kubeconfig", "Fetch, keep and save kubeconfigs");
    kubeconfig.require_subcommand(1);
    add_show(kubeconfig, into);
    add_fetch(kubeconfig, into);
    add_watch(kubeconfig, into);
    add_save(kubeconfig, into);
    add_remove(kubeconfig, into);
    add_credential(app, into);
    add_pages(app, into);
}

}
