#include "cli/options/command_line_syntax.hpp"

#include "cli/options/choices.hpp"
#include "cli/options/help_texts.hpp"
#include "cli/output/cli_error.hpp"
#include "cli/output/text.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <utility>

namespace doks::cli {

namespace {

/// One value each time that it is given.
CLI::Option* add_repeatable(
    CLI::App& app, const std::string& name, std::vector<std::string>& values, const std::string& description)
{
    return app.add_option(name, values, description)->allow_extra_args(false);
}

void add_global_options(CLI::App& app, raw_options& raw)
{
    app.add_option("--api-url", raw.api_url, "The API's address (or DIGITALOCEAN_API_URL)")->type_name("URL");
    app.add_option("--token-file", raw.token_file, "File with the API token, or - for standard input")
        ->type_name("FILE");
    add_repeatable(app, "--context", raw.contexts, "The token of this context of doctl's; may be given several times")
        ->type_name("NAME");
    app.add_flag("--all-contexts", raw.all_contexts, "Every context of doctl's configuration");
    app.add_option("--ca-file", raw.ca_file, "PEM certificates to trust instead of the system's")->type_name("FILE");
    app.add_option("--proxy", raw.proxy, "HTTP proxy to the API, or none; HTTPS_PROXY less NO_PROXY by default")
        ->type_name("URL");
    app.add_option("--timeout", raw.timeout, "Deadline of each call, 60s by default")->type_name("D");
    app.add_option("--attempts", raw.attempts, "Attempts of each call: 5 by default, 10 for fetch and save")
        ->type_name("N");
    app.add_option("--connections", raw.connections, "Connections at most, 64 by default")->type_name("N");
    app.add_option(
           "--rate-limit", raw.rate_limit, "Requests per duration: N/D[,N/D...] or off, 250/1m,5000/1h by default")
        ->type_name("LIMITS");
    app.add_option("--progress", raw.progress,
           "When progress is shown; auto: on a terminal all the time, elsewhere now and then")
        ->type_name(names_of(progress_choices, "|"));
    app.add_flag("--trace", raw.trace, "Requests and answers on standard error, secrets redacted");
    app.add_option("--output", raw.output, "How results are written, text by default")
        ->type_name(names_of(output_choices, "|"));
}

void add_selection(CLI::App& command, raw_options& raw)
{
    add_repeatable(command, "--region", raw.regions, "With --all: only in this region, or one of several")
        ->type_name("R");
    add_repeatable(command, "--tag", raw.tags, "With --all: only with this tag, or one of several")->type_name("T");
}

/// Whose kubeconfigs, and where to.
void add_target(CLI::App& command, raw_options& raw)
{
    command.add_flag("--all", raw.all, "Of every cluster of the account");
    command
        .add_option("--ids", raw.ids, "Of the clusters that FILE names by id or name, one a line; - is standard input")
        ->type_name("FILE");
    command.add_option("--out", raw.out, "The directory, made where it is missing")->type_name("DIR")->required();
    command.add_option("--expiry", raw.expiry, "How long the credentials live; 7d if left out")->type_name("D");
    add_selection(command, raw);
}

void add_kubectl_file(CLI::App& command, raw_options& raw)
{
    command.add_option("--kubeconfig", raw.kubeconfig, "This file, instead of the one that kubectl would use")
        ->type_name("FILE");
}

void add_file_commands(CLI::App& kubeconfig, raw_options& raw)
{
    auto* save = kubeconfig.add_subcommand("save", "Put kubeconfigs into the file that kubectl uses");
    save->add_option("CLUSTER", raw.references, "Ids (UUIDs) or names");
    save->add_flag("--all", raw.all, "Of every cluster of the account");
    add_kubectl_file(*save, raw);
    save->add_option("--alias", raw.alias, "The context's name, of one CLUSTER")->type_name("NAME");
    save->add_flag("--set-current-context", raw.set_current_context, "Make it kubectl's context, of one CLUSTER");
    save->add_option("--expiry", raw.expiry, "How long the credentials live; 7d if left out, 1h with --exec")
        ->type_name("D");
    save->add_flag("--exec", raw.exec, "Have kubectl ask doks for the credential");
    save->add_option("--collision", raw.collision, "Where another entry has the name, rename by default")
        ->type_name(names_of(collision_choices, "|"));
    add_selection(*save, raw);
    save->footer(save_footnote);
    auto* remove = kubeconfig.add_subcommand("remove", "Take entries out of the file that kubectl uses");
    remove->add_option("ENTRY", raw.references, "Contexts, ids or names")->required();
    add_kubectl_file(*remove, raw);
    remove->footer(remove_footnote);
}

void add_kubeconfig_commands(CLI::App& app, raw_options& raw)
{
    auto* kubeconfig = app.add_subcommand("kubeconfig", "Fetch, keep and save kubeconfigs");
    kubeconfig->require_subcommand(1);
    auto* show = kubeconfig->add_subcommand("show", "Print a kubeconfig exactly as received");
    show->add_option("CLUSTER", raw.reference, "Its id (a UUID) or its name")->required();
    show->add_option("--expiry", raw.expiry, "How long the credential lives; 7d if left out")->type_name("D");
    show->add_option("--type", raw.type, "Which credential, token by default")->type_name(names_of(type_choices, "|"));
    show->footer(short_footnote);
    auto* fetch = kubeconfig->add_subcommand("fetch", "Fetch many kubeconfigs into a directory");
    add_target(*fetch, raw);
    fetch->add_option("--fresh-for", raw.fresh_for, "Leave alone what is in DIR and stays valid that long")
        ->type_name("D");
    fetch->add_flag("--prune", raw.prune,
        "With --all: remove the files of clusters that are gone, of at most half of DIR; --prune=all: of any number");
    fetch->footer(fetch_footnote);
    auto* watch = kubeconfig->add_subcommand("watch", "Keep a directory of kubeconfigs fresh until stopped");
    add_target(*watch, raw);
    watch->footer(watch_footnote);
    add_file_commands(*kubeconfig, raw);
}

void add_credential_command(CLI::App& app, raw_options& raw)
{
    auto* credential = app.add_subcommand("credential", "Give kubectl a credential, as its exec plugin");
    credential->add_option("ID", raw.reference, "The cluster's id (a UUID)");
    credential->add_option("--expiry", raw.expiry, "How long the credential lives; 1h if left out")->type_name("D");
    credential->add_option("--cache", raw.cache, "Where credentials are kept for the next call")->type_name("DIR");
    credential->add_flag("--no-cache", raw.no_cache, "Mint another one, and forget what is cached of this cluster");
    credential->add_flag("--forget", raw.forget, "Give none, and forget what is cached of this cluster, or of all");
    credential->footer(credential_footnote);
}

void add_page_commands(CLI::App& app, raw_options& raw)
{
    auto* completion = app.add_subcommand("completion", "Print a shell's completion of this command line");
    completion->add_option("SHELL", raw.shell, "The shell")->required()->type_name(names_of(shell_choices, "|"));
    completion->footer(completion_footnote);
    auto* man = app.add_subcommand("man", "Print a man page, in roff");
    man->add_option("COMMAND", raw.page, "The command that it is about");
    man->add_option("--out", raw.out, "Write all pages into this directory instead")->type_name("DIR");
    man->footer(man_footnote);
}

/** What is at fault, in words.

    Of what was not understood only the first word is named, without a value: it may be a token.
*/
std::string fault_text(const CLI::App& app, const CLI::ParseError& fault)
{
    auto unknown = app.remaining(true);
    if (unknown.empty()) return fault.what();
    const std::string& first = unknown.front();
    return "there is no " + std::string(first.front() == '-' ? "option " : "command ") +
           in_quotes(first.substr(0, first.find('=')));
}

std::string chosen_command(const CLI::App& app)
{
    const CLI::App* chosen = &app;
    while (!chosen->get_subcommands().empty()) chosen = chosen->get_subcommands().front();
    return chosen->get_name();
}

}

std::string program_version() { return "doks " DOKS_VERSION; }

void define_command_line(CLI::App& app, raw_options& raw)
{
    app.name("doks");
    app.description(about);
    app.fallthrough();
    app.require_subcommand(1);
    app.set_version_flag("--version", program_version());
    app.footer(footnote);
    add_global_options(app, raw);
    app.add_subcommand("clusters", "List every cluster of the account")->footer(short_footnote);
    add_kubeconfig_commands(app, raw);
    add_credential_command(app, raw);
    add_page_commands(app, raw);
}

raw_options take_apart(std::vector<std::string> arguments)
{
    raw_options raw;
    CLI::App app;
    define_command_line(app, raw);
    std::reverse(arguments.begin(), arguments.end());
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
        raw.help = app.help();
    } catch (const CLI::CallForVersion&) {
        raw.help = app.version() + '\n';
    } catch (const CLI::ParseError& fault) {
        throw usage_error(
            "command line", fault_text(app, fault), "'doks --help' and 'doks COMMAND --help' tell how it is used");
    }
    raw.command = chosen_command(app);
    return raw;
}

}
