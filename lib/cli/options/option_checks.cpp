#include "cli/options/option_checks.hpp"

#include "cli/clusters/cluster_reference.hpp"
#include "cli/options/duration.hpp"
#include "cli/output/cli_error.hpp"
#include "cli/output/text.hpp"

#include <doks/cluster_index.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace doks::cli {

namespace {

constexpr std::string_view leave_one_out = "leave one of the two out";

/// Source: the endpoint's reference page: no expiry means 7 days.
constexpr std::chrono::seconds default_expiry = std::chrono::hours(7 * 24);

/// A result that is a text cannot be written as JSON.
void refuse_json(const global_options& global, std::string_view command)
{
    if (global.output == output_form::json)
        throw usage_error(
            "--output json with doks " + std::string(command), "its result is a text as it is", "leave it out");
}

void require_target(const directory_target& target, std::string_view command, const global_options& global)
{
    if (target.all == target.ids_file.has_value())
        throw usage_error("doks kubeconfig " + std::string(command),
            target.all ? "both --all and --ids were given" : "neither --all nor --ids was given",
            "give --all for every cluster, or --ids FILE");
    if (!target.ids_file) return;
    if (global.contexts.several())
        throw usage_error("--ids with several contexts", "an id does not tell which context's cluster it is",
            "give one --context for each list of ids, or --all");
    const std::string selector = !target.wanted.regions.empty() ? "--region"
                                 : !target.wanted.tags.empty()  ? "--tag"
                                                                : "";
    if (!selector.empty())
        throw usage_error(selector + " with --ids",
            "ids are fetched without a listing, which alone tells a cluster's region and tags",
            "give --all, or leave " + selector + " out");
    if (target.ids_file == "-" && global.token_file == "-")
        throw usage_error(
            "--ids - with --token-file -", "both would read standard input", "name a file for one of them");
}

void require_prunable(const fetch_command& fetch)
{
    if (fetch.prune == prune_mode::off) return;
    const std::string other = fetch.ids_file                  ? "--ids"
                              : !fetch.wanted.regions.empty() ? "--region"
                              : !fetch.wanted.tags.empty()    ? "--tag"
                                                              : "";
    if (!other.empty())
        throw usage_error("--prune with " + other, "it would remove files of clusters that were not asked about",
            "prune by a fetch of every cluster: --all without --region and --tag");
}

/// Only one cluster can have the option.
void require_single(const save_command& save)
{
    const bool sets_current = save.options.current == current_context::set_to_first;
    const std::string option = !save.options.alias.empty() ? "--alias" : sets_current ? "--set-current-context" : "";
    if (option.empty() || save.references.size() == 1) return;
    throw usage_error(option + (save.all ? " with --all" : " with several clusters"), "it is for one context",
        "save that cluster alone");
}

/// These options go into an entry for kubectl's plugin.
void require_writable(const global_options& global)
{
    for (const auto& [value, option] :
        {std::pair(&global.token_file, "--token-file"), std::pair(&global.ca_file, "--ca-file"),
            std::pair(&global.api_url, "--api-url"), std::pair(&global.proxy, "--proxy")})
        if (*value && !is_printable(**value))
            throw usage_error(std::string(option) + " " + in_quotes(**value) + " with --exec",
                "it holds control characters, which no kubeconfig should", "give the file a name that can be typed");
    if (global.token_file == "-")
        throw usage_error("--token-file - with --exec", "kubectl's plugin cannot read this standard input again",
            "name a file that stays");
}

}

void require_consistent(global_options& global)
{
    auto& contexts = global.contexts;
    std::vector<std::string> names;
    for (std::string& name : contexts.names)
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    contexts.names = std::move(names);
    if (contexts.all && !contexts.names.empty())
        throw usage_error("--context with --all-contexts", "one of all contexts is one of them already", leave_one_out);
    if (global.token_file && !contexts.none())
        throw usage_error(std::string("--token-file with ") + (contexts.all ? "--all-contexts" : "--context"),
            "both say which token it is", leave_one_out);
}

void require_consistent(const clusters_command&, const global_options&) {}

void require_consistent(const show_command& show, const global_options& global)
{
    refuse_json(global, "show");
    if (global.contexts.several())
        throw usage_error("doks kubeconfig show", "it prints one kubeconfig, of one context", "give one --context");
    if (show.expiry && show.type == credential_type::sso)
        throw usage_error("--expiry with --type sso",
            "a kubeconfig for single sign-on holds no credential that could expire", leave_one_out);
}

void require_consistent(const fetch_command& fetch, const global_options& global)
{
    require_target(fetch, "fetch", global);
    require_prunable(fetch);
    const auto expiry = fetch.expiry.value_or(std::chrono::seconds(0));
    const auto life = expiry.count() != 0 ? expiry : default_expiry;
    if (fetch.fresh_for && *fetch.fresh_for >= life)
        throw usage_error("--fresh-for " + duration_argument(*fetch.fresh_for) +
                              (fetch.expiry ? " with --expiry " + duration_argument(expiry) : ""),
            "no credential is valid for that long", "give --fresh-for less than the expiry");
}

void require_consistent(const watch_command& watch, const global_options& global)
{
    require_target(watch, "watch", global);
}

void require_consistent(const save_command& save, const global_options& global)
{
    if (save.all != save.references.empty())
        throw usage_error("doks kubeconfig save",
            save.all ? "both --all and clusters were given" : "no cluster was given",
            "give ids or names, or --all for every cluster");
    for (const std::string& each : save.references) require_reference(each);
    if (!save.all && global.contexts.several())
        throw usage_error("clusters with several contexts", "an id or name does not tell which context's cluster it is",
            "give one --context, or --all");
    if (!save.all && !save.wanted.empty())
        throw usage_error(save.wanted.regions.empty() ? "--tag" : "--region", "it selects from all clusters",
            "give --all, or leave it out");
    require_single(save);
    if (save.as == saved_credential::plugin) require_writable(global);
}

/// An option that the command would ignore is an error: its user expects an effect.
void require_consistent(const remove_command& remove, const global_options& global)
{
    const std::array<std::pair<bool, std::string_view>, 10> without_effect{
        {{global.api_url.has_value(), "--api-url"}, {global.token_file.has_value(), "--token-file"},
            {!global.contexts.names.empty(), "--context"}, {global.contexts.all, "--all-contexts"},
            {global.ca_file.has_value(), "--ca-file"}, {global.proxy.has_value(), "--proxy"},
            {global.attempts.has_value(), "--attempts"}, {global.connections.has_value(), "--connections"},
            {global.trace == trace_mode::on, "--trace"}, {global.rate_limit.has_value(), "--rate-limit"}}};
    for (const auto& [is_given, option] : without_effect)
        if (is_given)
            throw usage_error(
                std::string(option) + " with doks kubeconfig remove", "it asks nothing of the API", "leave it out");
    if (std::find(remove.entries.begin(), remove.entries.end(), "") != remove.entries.end())
        throw usage_error("entry ''", "it is empty", "give the names that 'kubectl config get-contexts' shows");
}

void require_consistent(const credential_command& credential, const global_options& global)
{
    if (credential.id.empty() && !credential.forgets)
        throw usage_error("doks credential", "it has no ID", "give the id (a UUID) that 'doks clusters' shows");
    if (credential.forgets && credential.cached == cache_mode::off)
        throw usage_error("--forget with --no-cache", "one gives no credential, the other a new one", leave_one_out);
    if (credential.cache && credential.cached == cache_mode::off)
        throw usage_error("--cache with --no-cache", "one says where to, the other nowhere", leave_one_out);
    if (global.contexts.several())
        throw usage_error("doks credential", "it gives one credential, of one context", "give one --context");
    if (global.token_file == "-")
        throw usage_error("--token-file - with doks credential", "standard input belongs to kubectl", "name a file");
}

void require_consistent(const completion_command&, const global_options& global) { refuse_json(global, "completion"); }

void require_consistent(const man_command& man, const global_options& global)
{
    refuse_json(global, "man");
    if (man.out && (man.out->empty() || !man.words.empty()))
        throw usage_error(
            "--out with doks man", "it takes a directory and no COMMAND, for it writes all pages there", leave_one_out);
}

}
