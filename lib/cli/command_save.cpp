#include "cli/cluster_reference.hpp"
#include "cli/commands.hpp"
#include "cli/credential_cache.hpp"
#include "cli/exec_plugin.hpp"
#include "cli/kubectl_edit.hpp"
#include "cli/listing.hpp"
#include "cli/problem.hpp"
#include "cli/save_report.hpp"
#include "cli/store_all.hpp"
#include "cli/text.hpp"
#include "cli/token_lookup.hpp"

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

/// What the credential lives that comes along with an entry for the plugin and is thrown away.
constexpr std::chrono::seconds unused_for = 5min;

/// All that is to be saved, in the order in which it is.
struct saving
{
    save_command what;
    accounts from;
    std::vector<listing> wanted{};
    bool is_complete = true;                     ///< no account is left out
    std::map<std::string, bulk_item> outcomes{}; ///< by id
};

/// What several accounts list is fetched by the first of them.
asio::awaitable<void> find_wanted(saving& all, console& log)
{
    if (!all.what.references.empty()) {
        auto named = co_await named_clusters(all.what.references, all.from.each.front());
        all.wanted.push_back({all.from.each.front(), std::move(named)});
        co_return;
    }
    all.wanted = co_await list_clusters(all.from, log);
    if (all.wanted.size() != all.from.each.size()) all.is_complete = false;
    std::set<std::string> known;
    for (listing& each : all.wanted)
        std::erase_if(each.clusters, [&](const cluster& listed) {
            return !matches(all.what.wanted, listed) || !known.insert(listed.id).second;
        });
}

workload work_of(const saving& all, const global_options& global)
{
    auto options = sole_user_options(all.from);
    if (all.what.expiry) options.expiry = *all.what.expiry;
    if (all.what.as == saved_credential::plugin) options.expiry = unused_for;
    if (global.attempts) options.attempts = *global.attempts;
    workload work(all.from);
    for (const listing& each : all.wanted) work.add(each.of, each.of.kubeconfigs(each.clusters, options));
    return work;
}

asio::awaitable<void> vet(const bulk_item& item)
{
    require_harmless(item);
    co_return;
}

/// True where a signal stopped it.
asio::awaitable<bool> fetch(saving& all, const global_options& global, console& log)
{
    item_sink gather = [&all](const bulk_item& item) { all.outcomes[item.cluster.id] = item; };
    auto work = work_of(all, global);
    if (work.all().summary().total == 0)
        log.line("doks: no cluster to save: the account has none, or --region and --tag select none");
    const bool is_short = global.progress == progress_mode::automatic && !all.what.references.empty();
    const auto shown = is_short ? progress_mode::never : global.progress;
    const auto done = co_await store_all(std::move(work), vet, shown, log, std::move(gather));
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
            rows.push_back({&found->second, all.from.context_shown(each.of.label())});
        }
    return rows;
}

/// Makes entries that have kubectl ask this program, and whoever's token it was asked with.
class plugin_maker
{
public:
    plugin_maker(const save_command& what, const global_options& global, const surroundings& around)
        : what_(what)
        , global_(global)
        , variables_(around.variables)
        , program_(path_of_program(around.called_as, around.variables))
    {
        if (!global.token_file && global.contexts.none())
            if (auto in_use = doctl_context_in_use(around.variables)) global_.contexts.names = {*in_use};
    }

    /// Whether the account can have entries, whatever its clusters are.
    void require_writable_for(const std::string& label) const
    {
        require_writable(credential_plugin(program_, {}, what_.expiry, options_for(label), variables_));
    }

    kubeconfig in_place_of_credential(const bulk_item& item) const
    {
        const auto own = options_for(item.label);
        auto entry = credential_plugin(program_, item.cluster.id, what_.expiry, own, variables_);
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

    const save_command& what_;
    global_options global_;
    const environment& variables_;
    std::string program_;
};

/// Of several accounts those that can have no entry for the plugin are named and left out; nothing was minted for them.
void leave_out_unwritable(saving& all, const global_options& global, const surroundings& around)
{
    const plugin_maker plugin(all.what, global, around);
    const bool several = all.from.each.size() > 1;
    std::erase_if(all.from.each, [&](const client& each) {
        try {
            plugin.require_writable_for(each.label());
            return false;
        } catch (const problem& why) {
            if (!several) throw;
            around.log.line(std::string("doks: ") + why.what());
        }
        all.is_complete = false;
        return true;
    });
}

/// Puts entries for the plugin in the place of credentials; a cluster that cannot have one fails alone.
void put_plugin(saving& all, const global_options& global, const surroundings& around)
{
    const plugin_maker plugin(all.what, global, around);
    for (auto& [id, item] : all.outcomes) {
        if (!item.outcome) continue;
        try {
            item.outcome = plugin.in_place_of_credential(item);
        } catch (const failure& why) {
            around.log.line("doks: " + id + ": " + why.message());
            item.outcome = why;
        }
    }
}

/// Whoever saves an entry again may do so because the cluster refuses its credential.
asio::awaitable<void> forget_cached(
    const std::vector<saved_row>& rows, const global_options& global, const surroundings& around)
{
    const auto of_api = cache_of_api({}, api_address(global, around.variables), around.variables);
    if (!of_api) co_return;
    for (const saved_row& each : rows) {
        if (!each.entry) continue;
        const std::string& id = each.item->cluster.id;
        const auto count = co_await forget_everywhere(*of_api, id);
        if (count.kept != 0)
            around.log.line(
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

void explain_plugin(const save_command& what, const global_options& global, const surroundings& around)
{
    if (what.as != saved_credential::plugin || global.token_file || !global.contexts.none()) return;
    if (around.variables("DIGITALOCEAN_TOKEN") || around.variables("DIGITALOCEAN_ACCESS_TOKEN"))
        around.log.line("doks: the token came from the environment, where kubectl's plugin will look for it too, and "
                        "else in doctl's configuration; --token-file or --context puts a place into the entries");
}

/// kubectl runs the plugin again and again.
void require_lasting_token(const save_command& what, const global_options& global)
{
    if (what.as != saved_credential::plugin || !global.token_file || !is_read_once(*global.token_file)) return;
    throw usage_problem("--token-file " + in_quotes(*global.token_file) + " with --exec",
        "it can be read only once, and kubectl's plugin would read it again", "name a file that stays");
}

}

asio::awaitable<exit_status> run(save_command what, const global_options& global, surroundings& around)
{
    require_lasting_token(what, global);
    kubectl_edit edit(what.kubeconfig, global, around);
    saving all{std::move(what), make_accounts(global, around)};
    if (all.what.as == saved_credential::plugin) leave_out_unwritable(all, global, around);
    if (all.from.each.empty()) co_return exit_status::failed;
    co_await edit.trial(); // what cannot be merged into is found out before anything is minted
    co_await find_wanted(all, around.log);
    const bool stopped = co_await fetch(all, global, around.log);
    auto rows = rows_of(all);
    if (all.what.as == saved_credential::plugin) put_plugin(all, global, around);
    auto configs = configs_of(rows);
    merge_result told;
    if (!configs.empty()) told = co_await edit.merge(std::move(configs), all.what.how);
    note_entries(rows, told);
    if (all.what.as == saved_credential::plugin) co_await forget_cached(rows, global, around);
    explain(told, around.log);
    explain_plugin(all.what, global, around);
    const bool named = !all.what.references.empty();
    if (named) explain_missing(rows, around.log);
    print(rows, global.output);
    const bool well = all.is_complete && !stopped && told.lost.empty() && are_well(rows, named);
    co_return well ? exit_status::done : exit_status::failed;
}

}
