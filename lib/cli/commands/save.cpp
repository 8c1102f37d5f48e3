#include "cli/clusters/cluster_reference.hpp"
#include "cli/clusters/listing.hpp"
#include "cli/commands/commands.hpp"
#include "cli/fetch/process_all.hpp"
#include "cli/kubectl/exec_plugin.hpp"
#include "cli/kubectl/kubeconfig_editor.hpp"
#include "cli/kubectl/save_report.hpp"
#include "cli/output/cli_error.hpp"
#include "cli/output/text.hpp"
#include "cli/plugin/credential_cache.hpp"
#include "cli/tokens/token_lookup.hpp"

#include <doks/render.hpp>

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace doks::cli {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

/// The life of the credential that is minted for an entry of the plugin, and thrown away.
constexpr std::chrono::seconds unused_for = 5min;

/// The clusters to be saved, in this order.
struct saving
{
    save_command command;
    account_set accounts;
    std::vector<listing> wanted{};
    bool is_complete = true;                     ///< no account is left out
    std::map<std::string, bulk_item> outcomes{}; ///< by id
};

/// What several accounts list is fetched by the first of them.
asio::awaitable<void> find_wanted(saving& all, console& log)
{
    if (!all.command.references.empty()) {
        auto named = co_await named_clusters(all.command.references, all.accounts.clients.front());
        all.wanted.push_back({all.accounts.clients.front(), std::move(named)});
        co_return;
    }
    all.wanted = co_await list_clusters(all.accounts, log);
    if (all.wanted.size() != all.accounts.clients.size()) all.is_complete = false;
    std::set<std::string> known;
    for (listing& each : all.wanted)
        std::erase_if(each.clusters, [&](const cluster& listed) {
            return !matches(all.command.wanted, listed) || !known.insert(listed.id).second;
        });
}

fetch_job work_of(const saving& all, const global_options& global)
{
    auto options = sole_user_options(all.accounts);
    if (all.command.expiry) options.expiry = *all.command.expiry;
    if (all.command.as == saved_credential::plugin) options.expiry = unused_for;
    if (global.attempts) options.attempts = *global.attempts;
    fetch_job job(all.accounts);
    for (const listing& each : all.wanted) job.add(each.of, each.of.kubeconfigs(each.clusters, options));
    return job;
}

asio::awaitable<void> vet(const bulk_item& item)
{
    require_harmless(item);
    co_return;
}

/// True if a signal stopped it.
asio::awaitable<bool> fetch(saving& all, const global_options& global, console& log)
{
    item_sink gather = [&all](const bulk_item& item) { all.outcomes[item.cluster.id] = item; };
    auto job = work_of(all, global);
    if (job.all().summary().total == 0)
        log.line("doks: no cluster to save: the account has none, or --region and --tag select none");
    const bool is_short = global.progress == progress_mode::automatic && !all.command.references.empty();
    const auto shown = is_short ? progress_mode::never : global.progress;
    const auto done = co_await process_all(std::move(job), vet, shown, log, std::move(gather));
    co_return done.stopped;
}

/// In the order in which they were asked for, which decides whose name stays where several have the same.
std::vector<saved_row> rows_of(const saving& all)
{
    std::vector<saved_row> rows;
    for (const listing& each : all.wanted)
        for (const cluster& listed : each.clusters) {
            const auto found = all.outcomes.find(listed.id);
            if (found == all.outcomes.end()) continue;
            rows.push_back({&found->second, all.accounts.context_shown(each.of.label())});
        }
    return rows;
}

/// Makes entries that have kubectl run this program with the token source of this call.
class plugin_maker
{
public:
    plugin_maker(const save_command& command, const global_options& global, const command_context& context)
        : command_(command)
        , global_(global)
        , variables_(context.variables)
        , program_(path_of_program(context.called_as, context.variables))
    {
        if (!global.token_file && global.contexts.none())
            if (auto in_use = doctl_context_in_use(context.variables)) global_.contexts.names = {*in_use};
    }

    /// Whether the account can have entries, whatever its clusters are.
    void require_writable_for(const std::string& label) const
    {
        require_writable(credential_plugin(program_, {}, command_.expiry, options_for(label), variables_));
    }

    kubeconfig in_place_of_credential(const bulk_item& item) const
    {
        const auto own = options_for(item.label);
        auto entry = credential_plugin(program_, item.cluster.id, command_.expiry, own, variables_);
        require_runnable(entry, item.cluster.id, own.contexts);
        return render(*item.outcome, entry);
    }

private:
    global_options options_for(const std::string& label) const
    {
        auto own = global_;
        if (!label.empty()) own.contexts = {{label}, false};
        return own;
    }

    const save_command& command_;
    global_options global_;
    const environment& variables_;
    std::string program_;
};

/// Of several accounts those that can have no entry for the plugin are named and left out; nothing was minted for them.
void leave_out_unwritable(saving& all, const global_options& global, const command_context& context)
{
    const plugin_maker plugin(all.command, global, context);
    const bool several = all.accounts.clients.size() > 1;
    std::erase_if(all.accounts.clients, [&](const client& each) {
        try {
            plugin.require_writable_for(each.label());
            return false;
        } catch (const cli_error& why) {
            if (!several) throw;
            context.log.line(std::string("doks: ") + why.what());
        }
        all.is_complete = false;
        return true;
    });
}

/// Puts entries for the plugin in the place of credentials; a cluster that cannot have one fails alone.
void put_plugin(saving& all, const global_options& global, const command_context& context)
{
    const plugin_maker plugin(all.command, global, context);
    for (auto& [id, item] : all.outcomes) {
        if (!item.outcome) continue;
        try {
            item.outcome = plugin.in_place_of_credential(item);
        } catch (const failure& why) {
            context.log.line("doks: " + id + ": " + why.message());
            item.outcome = why;
        }
    }
}

/// An entry may be saved again because the cluster refuses its credential.
asio::awaitable<void> forget_cached(
    const std::vector<saved_row>& rows, const global_options& global, const command_context& context)
{
    const auto of_api = cache_of_api({}, api_address(global, context.variables), context.variables);
    if (!of_api) co_return;
    for (const saved_row& each : rows) {
        if (!each.entry) continue;
        const std::string& id = each.item->cluster.id;
        const auto count = co_await forget_everywhere(*of_api, id);
        if (count.kept != 0)
            context.log.line(
                "doks: " + id + ": its cached credential could not be forgotten: try 'doks credential --forget'");
    }
}

std::vector<kubeconfig> configs_of(const std::vector<saved_row>& rows)
{
    std::vector<kubeconfig> configs;
    for (const saved_row& each : rows)
        if (each.item->outcome) configs.push_back(*each.item->outcome);
    return configs;
}

void explain_plugin(const save_command& command, const global_options& global, const command_context& context)
{
    if (command.as != saved_credential::plugin || global.token_file || !global.contexts.none()) return;
    if (context.variables("DIGITALOCEAN_TOKEN") || context.variables("DIGITALOCEAN_ACCESS_TOKEN"))
        context.log.line("doks: the token came from the environment, where kubectl's plugin will look for it too, and "
                         "else in doctl's configuration; --token-file or --context puts a place into the entries");
}

/// kubectl runs the plugin again and again.
void require_lasting_token(const save_command& command, const global_options& global)
{
    if (command.as != saved_credential::plugin || !global.token_file || !is_read_once(*global.token_file)) return;
    throw usage_error("--token-file " + in_quotes(*global.token_file) + " with --exec",
        "it can be read only once, and kubectl's plugin would read it again", "name a file that stays");
}

}

asio::awaitable<exit_status> run(save_command command, const global_options& global, command_context& context)
{
    require_lasting_token(command, global);
    kubeconfig_editor edit(command.kubeconfig, global, context);
    saving all{std::move(command), make_accounts(global, context)};
    if (all.command.as == saved_credential::plugin) leave_out_unwritable(all, global, context);
    if (all.accounts.clients.empty()) co_return exit_status::failed;
    co_await edit.check_writable(); // before anything is minted
    co_await find_wanted(all, context.log);
    const bool stopped = co_await fetch(all, global, context.log);
    auto rows = rows_of(all);
    if (all.command.as == saved_credential::plugin) put_plugin(all, global, context);
    auto configs = configs_of(rows);
    merge_result merged;
    if (!configs.empty()) merged = co_await edit.merge(std::move(configs), all.command.options);
    note_entries(rows, merged);
    if (all.command.as == saved_credential::plugin) co_await forget_cached(rows, global, context);
    explain(rows, merged, context.log);
    explain_plugin(all.command, global, context);
    const bool named = !all.command.references.empty();
    if (named) explain_missing(rows, context.log);
    print(rows, global.output);
    const bool is_complete = all.is_complete && !stopped && merged.lost.empty() && are_well(rows, named);
    co_return is_complete ? exit_status::done : exit_status::failed;
}

}
