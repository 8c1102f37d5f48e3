#include "cli/cluster_reference.hpp"
#include "cli/commands.hpp"
#include "cli/exec_plugin.hpp"
#include "cli/kubectl_file.hpp"
#include "cli/listing.hpp"
#include "cli/report.hpp"
#include "cli/store_all.hpp"
#include "cli/text.hpp"
#include "kubeconfig/server_key.hpp"

#include <doks/render.hpp>

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace doks::cli {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

/// What the credential lives that comes along with an entry for the plugin and is thrown away.
constexpr std::chrono::seconds unused_for = 5min;

/// A cluster by the label of its account and its id.
using cluster_key = std::pair<std::string, std::string>;

/// All that is to be saved, in the order in which it is.
struct saving
{
    save_command what;
    accounts from;
    std::vector<listing> wanted;
    bool is_complete = true; ///< no account is left out
    std::map<cluster_key, bulk_item> outcomes{};
};

asio::awaitable<std::vector<listing>> find_wanted(const save_command& what, const accounts& from, console& log)
{
    std::vector<listing> wanted;
    if (what.references.empty()) {
        wanted = co_await list_clusters(from, log);
        for (listing& each : wanted)
            std::erase_if(each.clusters, [&](const cluster& listed) { return !matches(what.wanted, listed); });
    } else {
        auto named = co_await named_clusters(what.references, from.each.front());
        wanted.push_back({from.each.front(), std::move(named)});
    }
    co_return wanted;
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

asio::awaitable<void> look_at(const bulk_item& item)
{
    require_harmless(item);
    co_return;
}

/// True where a signal stopped it.
asio::awaitable<bool> fetch(saving& all, const global_options& global, console& log)
{
    item_sink gather = [&all](const bulk_item& item) { all.outcomes[{item.label, item.cluster.id}] = item; };
    auto work = work_of(all, global);
    if (work.all().summary().total == 0) log.line("doks: there is no cluster to save");
    const bool is_short = global.progress == progress_mode::automatic && !all.what.references.empty();
    const auto shown = is_short ? progress_mode::never : global.progress;
    const auto done = co_await store_all(std::move(work), look_at, shown, log, std::move(gather));
    co_return done.stopped;
}

/// In the order in which they were asked for, which decides whose name stays where several have the same.
std::vector<saved_row> rows_of(const saving& all)
{
    std::vector<saved_row> rows;
    for (const listing& each : all.wanted)
        for (const cluster& listed : each.clusters) {
            const auto found = all.outcomes.find({each.of.label(), listed.id});
            if (found == all.outcomes.end()) continue;
            rows.push_back({&found->second, all.from.context_shown(each.of.label())});
        }
    return rows;
}

/// The kubeconfigs as they are merged: as they came, or with kubectl's plugin in place of the credential.
class form
{
public:
    form(const save_command& what, const global_options& global, const surroundings& around)
        : what_(what)
        , global_(global)
        , around_(around)
    {}

    std::vector<kubeconfig> of(const std::vector<saved_row>& rows) const
    {
        std::vector<kubeconfig> all;
        for (const saved_row& each : rows)
            if (each.item->outcome) all.push_back(of(*each.item));
        return all;
    }

private:
    kubeconfig of(const bulk_item& item) const
    {
        if (what_.as == saved_credential::token) return *item.outcome;
        auto own = global_;
        own.contexts = {};
        if (!item.label.empty()) own.contexts.names = {item.label};
        const auto program = path_of_program(around_.called_as, around_.variables);
        return render(*item.outcome, credential_plugin(program, item.cluster.id, what_.expiry, own, around_.variables));
    }

    const save_command& what_;
    const global_options& global_;
    const surroundings& around_;
};

void note_entries(std::vector<saved_row>& rows, const merging& told)
{
    auto entry = told.entries.begin();
    for (saved_row& each : rows)
        if (each.item->outcome) each.entry = &*entry++;
}

std::string counted(const merging& told, merge_change change)
{
    const auto count = std::count_if(
        told.entries.begin(), told.entries.end(), [&](const merged_kubeconfig& each) { return each.change == change; });
    return std::to_string(count) + " " + std::string(to_string(change));
}

/// Right where another API was asked, and a warning otherwise.
void explain_servers(const merging& told, console& log)
{
    const auto is_foreign = [](const merged_kubeconfig& each) { return !kube::is_digitalocean(each.server); };
    const auto count = std::count_if(told.entries.begin(), told.entries.end(), is_foreign);
    if (count == 0) return;
    const auto first = std::find_if(told.entries.begin(), told.entries.end(), is_foreign);
    log.line("doks: " + std::to_string(count) + " not at DigitalOcean's domain for clusters; the first is " +
             in_quotes(first->server));
}

void explain(const merging& told, console& log)
{
    if (told.entries.empty()) return;
    const auto renamed = std::count_if(
        told.entries.begin(), told.entries.end(), [](const merged_kubeconfig& each) { return each.renamed; });
    if (renamed != 0)
        log.line("doks: " + std::to_string(renamed) + " got another name, for another server's entry has theirs");
    for (const std::string& each : told.lost)
        log.line("doks: " + in_quotes(each) +
                 ": another program took it out again, as kubectl does with what it did not "
                 "know when it began: save it once more");
    if (told.unsure) log.line("doks: written, but what other programs did to it meanwhile could not be looked at");
    std::string files;
    for (const auto& each : told.written) files.append(files.empty() ? "" : ", ").append(printable(each.string()));
    log.line("doks: " + (files.empty() ? std::string("nothing to write") : files) + ": " +
             counted(told, merge_change::added) + ", " + counted(told, merge_change::updated) + ", " +
             counted(told, merge_change::unchanged));
}

/// Of clusters that were named each has to be saved; of all of them those that can be.
bool are_well(const std::vector<saved_row>& rows, const save_command& what)
{
    return std::all_of(rows.begin(), rows.end(), [&](const saved_row& each) {
        return each.entry || (what.references.empty() && outcome_of(*each.item) != outcome::failed);
    });
}

void print(const std::vector<saved_row>& rows, output_form as)
{
    if (as == output_form::text) return print_result(saved_table(rows));
    std::string lines;
    for (const saved_row& each : rows) lines += saved_line(each);
    print_result(lines);
}

/// What has a reason of its own and is not among the failures that were shown.
void explain_missing(const std::vector<saved_row>& rows, const save_command& what, console& log)
{
    if (what.references.empty()) return;
    for (const saved_row& each : rows)
        if (!each.item->outcome && outcome_of(*each.item) != outcome::failed)
            log.line("doks: " + each.item->cluster.id + ": " + each.item->outcome.error().message());
}

void explain_plugin(const save_command& what, const global_options& global, const surroundings& around)
{
    if (what.as != saved_credential::plugin || global.token_file || !global.contexts.none()) return;
    if (around.variables("DIGITALOCEAN_TOKEN") || around.variables("DIGITALOCEAN_ACCESS_TOKEN"))
        around.log.line("doks: the token came from the environment, where kubectl's plugin will look for it too; "
                        "--token-file or --context puts another place into the entries");
}

}

asio::awaitable<exit_status> run(save_command what, const global_options& global, surroundings& around)
{
    const auto file = kubectl_file(what.kubeconfig, global, around.variables);
    file.entries(); // what cannot be merged into is found out before anything is minted
    saving all{std::move(what), make_accounts(global, around), {}};
    all.wanted = co_await find_wanted(all.what, all.from, around.log);
    all.is_complete = !all.what.references.empty() || all.wanted.size() == all.from.each.size();
    const bool stopped = co_await fetch(all, global, around.log);
    auto rows = rows_of(all);
    auto configs = form(all.what, global, around).of(rows);
    merging told;
    if (!configs.empty()) told = co_await merge_off_thread(file, std::move(configs), all.what.how, around.log);
    note_entries(rows, told);
    print(rows, global.output);
    explain_missing(rows, all.what, around.log);
    explain_servers(told, around.log);
    explain(told, around.log);
    explain_plugin(all.what, global, around);
    const bool well = all.is_complete && !stopped && told.lost.empty() && are_well(rows, all.what);
    co_return well ? exit_status::done : exit_status::failed;
}

}
