#include "cli/kubeconfig_options.hpp"

#include "cli/choices.hpp"
#include "cli/cluster_reference.hpp"
#include "cli/duration.hpp"
#include "cli/option_values.hpp"
#include "cli/problem.hpp"
#include "cli/text.hpp"
#include "kubeconfig/read/text_precheck.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace doks::cli {

namespace {

cluster_selector read_selector(const raw_options& raw)
{
    for (const auto& [values, option] : {std::pair(&raw.regions, "--region"), std::pair(&raw.tags, "--tag")}) {
        if (values->empty()) continue;
        if (raw.ids)
            throw usage_problem(std::string(option) + " with --ids",
                "ids are fetched without a listing, which alone tells a cluster's region and tags",
                "give --all, or leave " + std::string(option) + " out");
        if (std::find(values->begin(), values->end(), "") != values->end())
            throw usage_problem(std::string(option) + " ''", "it is empty", "leave it out, or give a value");
    }
    return {raw.regions, raw.tags, {}};
}

prune_mode read_prune(const raw_options& raw)
{
    if (raw.prune.empty()) return prune_mode::off;
    std::string other = raw.ids ? "--ids" : !raw.regions.empty() ? "--region" : !raw.tags.empty() ? "--tag" : "";
    if (!other.empty())
        throw usage_problem("--prune with " + other, "it would remove files of clusters that were not asked about",
            "prune by a fetch of every cluster: --all without --region and --tag");
    if (raw.prune == "true") return prune_mode::half;
    if (raw.prune == "all") return prune_mode::all;
    throw usage_problem("--prune=" + raw.prune, "invalid value", "give --prune or --prune=all");
}

std::optional<std::filesystem::path> read_kubectl_file(const raw_options& raw)
{
    if (!raw.kubeconfig) return std::nullopt;
    if (raw.kubeconfig->empty())
        throw usage_problem("--kubeconfig ''", "it is empty", "name a file, or leave it out for kubectl's own");
    return *raw.kubeconfig;
}

/// What only one cluster can have.
void require_single(const raw_options& raw)
{
    const std::string option = raw.alias ? "--alias" : raw.set_current_context ? "--set-current-context" : "";
    if (option.empty() || raw.references.size() == 1) return;
    throw usage_problem(option + (raw.all ? " with --all" : " with several clusters"), "it is for one context",
        "save that cluster by itself");
}

/// What goes along into an entry for kubectl's plugin.
void require_writable(const raw_options& raw)
{
    for (const auto& [value, option] :
        {std::pair(&raw.token_file, "--token-file"), std::pair(&raw.ca_file, "--ca-file"),
            std::pair(&raw.api_url, "--api-url"), std::pair(&raw.proxy, "--proxy")})
        if (*value && !kube::is_printable(**value))
            throw usage_problem(std::string(option) + " " + in_quotes(**value) + " with --exec",
                "it holds control characters, which no kubeconfig should", "give the file a name that can be typed");
}

void require_clusters(const raw_options& raw, const context_choice& contexts)
{
    if (raw.all != raw.references.empty())
        throw usage_problem("doks kubeconfig save",
            raw.all ? "both --all and clusters were given" : "no cluster was given",
            "give ids or names, or --all for every cluster");
    for (const std::string& each : raw.references) require_reference(each);
    if (!raw.all && contexts.several())
        throw usage_problem("clusters with several contexts",
            "an id or name does not tell which context's cluster it is", "give one --context, or --all");
    if (!raw.all && !(raw.regions.empty() && raw.tags.empty()))
        throw usage_problem(
            raw.regions.empty() ? "--tag" : "--region", "it selects from all clusters", "give --all, or leave it out");
}

}

show_command read_show(const raw_options& raw, const context_choice& contexts)
{
    show_command show;
    require_reference(raw.reference);
    show.reference = raw.reference;
    if (raw.expiry) show.expiry = parse_expiry(*raw.expiry, "--expiry");
    if (raw.type) show.type = one_of(*raw.type, "--type", type_choices);
    if (contexts.several())
        throw usage_problem("doks kubeconfig show", "it prints one kubeconfig, of one context", "give one --context");
    if (raw.expiry && show.type == credential_type::sso)
        throw usage_problem("--expiry with --type sso",
            "a kubeconfig for single sign-on holds no credential that could expire", "leave one of the two out");
    return show;
}

directory_target read_target(const raw_options& raw, const context_choice& contexts)
{
    directory_target target;
    if (raw.all == raw.ids.has_value())
        throw usage_problem("doks kubeconfig " + raw.command,
            raw.all ? "both --all and --ids were given" : "neither --all nor --ids was given",
            "give --all for every cluster, or --ids FILE");
    if (raw.ids && contexts.several())
        throw usage_problem("--ids with several contexts", "an id does not tell which context's cluster it is",
            "give one --context for each list of ids, or --all");
    if (raw.out->empty())
        throw usage_problem("--out ''", "it is empty", "name a directory, for example --out kubeconfigs");
    target.wanted = read_selector(raw);
    target.ids_file = raw.ids;
    target.out = *raw.out;
    if (raw.expiry) target.expiry = parse_expiry(*raw.expiry, "--expiry");
    if (raw.ids == "-" && raw.token_file == "-")
        throw usage_problem(
            "--ids - with --token-file -", "both would read standard input", "name a file for one of them");
    return target;
}

fetch_command read_fetch(const raw_options& raw, const context_choice& contexts)
{
    fetch_command fetch{read_target(raw, contexts), {}, read_prune(raw)};
    if (raw.fresh_for) fetch.fresh_for = parse_duration(*raw.fresh_for, "--fresh-for");
    const auto lives = fetch.expiry.count() != 0 ? fetch.expiry : default_expiry;
    if (fetch.fresh_for && *fetch.fresh_for >= lives)
        throw usage_problem("--fresh-for " + *raw.fresh_for + (raw.expiry ? " with --expiry " + *raw.expiry : ""),
            "no credential would ever be valid for so long", "give --fresh-for less than the expiry");
    return fetch;
}

save_command read_save(const raw_options& raw, const context_choice& contexts)
{
    require_clusters(raw, contexts);
    require_single(raw);
    save_command save;
    save.references = raw.references;
    save.wanted = read_selector(raw);
    save.kubeconfig = read_kubectl_file(raw);
    if (raw.alias && (raw.alias->empty() || !kube::is_printable(*raw.alias)))
        throw usage_problem("--alias " + in_quotes(*raw.alias), "it is empty or holds control characters",
            "choose a name that can be typed");
    if (raw.alias) save.how.alias = *raw.alias;
    if (raw.collision) save.how.on_collision = one_of(*raw.collision, "--collision", collision_choices);
    if (raw.set_current_context) save.how.current = current_context::set_to_first;
    if (raw.expiry) save.expiry = parse_expiry(*raw.expiry, "--expiry");
    if (raw.exec) save.as = saved_credential::plugin;
    if (raw.exec) require_writable(raw);
    if (raw.exec && raw.token_file == "-")
        throw usage_problem("--token-file - with --exec", "kubectl's plugin cannot read this standard input again",
            "name a file that stays");
    return save;
}

remove_command read_remove(const raw_options& raw)
{
    if (std::find(raw.references.begin(), raw.references.end(), "") != raw.references.end())
        throw usage_problem("entry ''", "it is empty", "give the names that 'kubectl config get-contexts' shows");
    return {raw.references, read_kubectl_file(raw)};
}

}
