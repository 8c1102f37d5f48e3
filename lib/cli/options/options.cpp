#include "cli/options/options.hpp"

#include "cli/options/choices.hpp"
#include "cli/options/command_line_syntax.hpp"
#include "cli/options/duration.hpp"
#include "cli/options/kubeconfig_options.hpp"
#include "cli/options/option_values.hpp"
#include "cli/output/cli_error.hpp"
#include "cli/output/text.hpp"
#include "cli/tokens/doctl_config.hpp"

#include <doks/cluster_index.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace doks::cli {

namespace {

constexpr std::string_view see_help = "'doks --help' tells how it is used";

context_choice read_contexts(const raw_options& raw)
{
    context_choice contexts;
    contexts.all = raw.all_contexts;
    for (const std::string& given : raw.contexts) {
        if (given.empty()) throw usage_error("--context ''", "it is empty", "'doctl auth list' shows the names");
        const auto name = doctl_name(given);
        if (std::find(contexts.names.begin(), contexts.names.end(), name) == contexts.names.end())
            contexts.names.push_back(name);
    }
    if (contexts.all && !contexts.names.empty())
        throw usage_error(
            "--context with --all-contexts", "one of all contexts is one of them already", "leave one of the two out");
    if (raw.token_file && !contexts.none())
        throw usage_error(std::string("--token-file with ") + (contexts.all ? "--all-contexts" : "--context"),
            "both say which token it is", "leave one of the two out");
    return contexts;
}

global_options read_global(const raw_options& raw)
{
    global_options global;
    global.api_url = raw.api_url;
    global.token_file = raw.token_file;
    global.contexts = read_contexts(raw);
    global.ca_file = raw.ca_file;
    global.proxy = raw.proxy;
    if (raw.proxy && raw.proxy->find('@') != std::string::npos)
        throw usage_error(
            "--proxy", "a password on the command line is seen by everybody", "put the URL into HTTPS_PROXY");
    if (raw.timeout) global.timeout = parse_positive_duration(*raw.timeout, "--timeout");
    if (raw.attempts) global.attempts = static_cast<unsigned>(parse_count(*raw.attempts, "--attempts", 1, 100));
    if (raw.connections) global.connections = parse_count(*raw.connections, "--connections", 1, 1000);
    if (raw.progress) global.progress = one_of(*raw.progress, "--progress", progress_choices);
    if (raw.output) global.output = one_of(*raw.output, "--output", output_choices);
    global.trace = raw.trace ? trace_mode::on : trace_mode::off;
    return global;
}

credential_command read_credential(const raw_options& raw, const context_choice& contexts)
{
    credential_command credential;
    credential.forgets = raw.forget;
    if (!is_cluster_id(raw.reference) && !(raw.forget && raw.reference.empty()))
        throw usage_error("cluster " + in_quotes(raw.reference), "it is no id, and a name would have to be looked up",
            "give the id (a UUID) that 'doks clusters' shows");
    credential.id = canonical_cluster_id(raw.reference);
    if (raw.forget && raw.no_cache)
        throw usage_error(
            "--forget with --no-cache", "one gives no credential, the other a new one", "leave one of the two out");
    if (raw.expiry) credential.expiry = parse_expiry(*raw.expiry, "--expiry");
    if (raw.cache && raw.no_cache)
        throw usage_error(
            "--cache with --no-cache", "one says where to, the other nowhere", "leave one of the two out");
    if (raw.cache && raw.cache->empty()) throw usage_error("--cache ''", "it is empty", "name a directory");
    if (raw.cache) credential.cache = *raw.cache;
    if (raw.no_cache) credential.cached = cache_mode::off;
    if (contexts.several())
        throw usage_error("doks credential", "it gives one credential, of one context", "give one --context");
    if (raw.token_file == "-")
        throw usage_error("--token-file - with doks credential", "standard input belongs to kubectl", "name a file");
    return credential;
}

man_command read_man(const raw_options& raw)
{
    man_command man{raw.page, {}};
    if (raw.out && (raw.out->empty() || !raw.page.empty()))
        throw usage_error("--out with doks man", "it takes a directory and no COMMAND, for it writes all pages there",
            "leave one of the two out");
    if (raw.out) man.out = *raw.out;
    return man;
}

/// An option that `kubeconfig remove` would ignore is an error: its user expects an effect.
void refuse_without_effect(const raw_options& raw)
{
    struct given_option
    {
        bool given;
        std::string_view name;
    };
    const std::array<given_option, 10> without_effect{
        {{raw.api_url.has_value(), "--api-url"}, {raw.token_file.has_value(), "--token-file"},
            {!raw.contexts.empty(), "--context"}, {raw.all_contexts, "--all-contexts"},
            {raw.ca_file.has_value(), "--ca-file"}, {raw.proxy.has_value(), "--proxy"},
            {raw.attempts.has_value(), "--attempts"}, {raw.connections.has_value(), "--connections"},
            {raw.trace, "--trace"}, {raw.rate_limit.has_value(), "--rate-limit"}}};
    for (const given_option& each : without_effect)
        if (each.given)
            throw usage_error(
                std::string(each.name) + " with doks kubeconfig remove", "it asks nothing of the API", "leave it out");
}

/// What is no JSON whatever is asked for.
void refuse_json(const raw_options& raw)
{
    if (raw.output && one_of(*raw.output, "--output", output_choices) == output_form::json)
        throw usage_error("--output json with doks " + raw.command, "its result is a text as it is", "leave it out");
}

any_command read_command(const raw_options& raw, const context_choice& contexts)
{
    if (raw.command == "show" || raw.command == "completion" || raw.command == "man") refuse_json(raw);
    if (raw.command == "clusters") return clusters_command{};
    if (raw.command == "show") return read_show(raw, contexts);
    if (raw.command == "fetch") return read_fetch(raw, contexts);
    if (raw.command == "watch") return watch_command{read_target(raw, contexts)};
    if (raw.command == "save") return read_save(raw, contexts);
    if (raw.command == "credential") return read_credential(raw, contexts);
    if (raw.command == "completion") return completion_command{one_of(raw.shell, "SHELL", shell_choices)};
    if (raw.command == "man") return read_man(raw);
    refuse_without_effect(raw);
    return read_remove(raw);
}

}

command_line parse_command_line(std::vector<std::string> arguments)
{
    raw_options raw = take_apart(std::move(arguments));
    if (raw.help) return {global_options{}, help_command{std::move(*raw.help)}};
    command_line line{read_global(raw), {}};
    line.command = read_command(raw, line.global.contexts);
    if (raw.rate_limit) line.global.rate_limit = parse_rate_windows(*raw.rate_limit, "--rate-limit");
    return line;
}

}
