#include "cli/clusters/cluster_reference.hpp"
#include "cli/clusters/id_list.hpp"
#include "cli/clusters/listing.hpp"
#include "cli/commands/commands.hpp"
#include "cli/fetch/process_all.hpp"
#include "cli/fetch/prune.hpp"
#include "cli/output/report.hpp"
#include "cli/output/text.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace doks::cli {

namespace {

bulk_options options_of(const fetch_command& command, const global_options& global, const account_set& accounts,
    const kubeconfig_directory& directory)
{
    auto options = sole_user_options(accounts);
    options.expiry = command.expiry.value_or(std::chrono::seconds(0));
    if (global.attempts) options.attempts = *global.attempts;
    if (command.fresh_for) options.fresh = directory.fresh_for(*command.fresh_for);
    return options;
}

std::vector<cluster> selected(const std::vector<cluster>& listed, const cluster_selector& wanted)
{
    std::vector<cluster> chosen;
    std::copy_if(listed.begin(), listed.end(), std::back_inserter(chosen),
        [&](const cluster& each) { return matches(wanted, each); });
    return chosen;
}

void explain_empty_selection(console& log, const std::vector<listing>& listed)
{
    std::size_t all = 0;
    for (const listing& each : listed) all += each.clusters.size();
    log.line("doks: none of the " + std::to_string(all) + " clusters is selected by --region and --tag");
}

/// All that is fetched, and what it is fetched by.
struct fetching
{
    fetch_command command;
    account_set accounts;
    directories places;
    std::vector<listing> listed; ///< empty with --ids

    bool is_complete() const { return command.ids_file || listed.size() == accounts.clients.size(); }
};

/// Says why nothing of this account's listing is fetched, and leaves the account out.
void leave_out(fetching& all, const std::string& label, const std::string& why, console& log)
{
    log.line(
        "doks: " + in_quotes(all.places.at(label).path().native()) + ": " + why +
        ", and nothing fetched; give another account a directory of its own; if the clusters are gone, --prune=all "
        "fetches and removes");
    std::erase_if(all.listed, [&](const listing& each) { return each.of.label() == label; });
}

/** Leaves out each account whose listing lacks more than may be removed: nothing of such a listing is fetched.

    Otherwise its clusters would join those of the directory, and the next fetch would find that less than half is missing.
*/
void leave_out_refused(fetching& all, std::vector<prune_job>& jobs, console& log)
{
    const auto is_refused = [](const prune_job& job) {
        const auto verdict = job.judgement.verdict;
        return verdict == listing_verdict::none_listed || verdict == listing_verdict::most_missing;
    };
    for (const prune_job& job : jobs)
        if (is_refused(job)) leave_out(all, job.of.label(), explain(job.judgement, job.files.size()), log);
    std::erase_if(jobs, is_refused);
}

/** Without --prune: leaves out each account whose listing has none of the clusters whose files are there.

    It may be another account's, and once its clusters stand beside the old ones a later --prune cannot tell whose they are.
*/
boost::asio::awaitable<void> leave_out_other_accounts(fetching& all, console& log)
{
    std::vector<std::pair<std::string, std::string>> refused;
    for (const listing& each : all.listed) {
        const auto& label = each.of.label();
        // A directory that cannot be read is named once a file cannot be stored.
        const auto contents = co_await all.places.at(label).try_contents(label);
        const auto files = contents ? ids_of(*contents) : std::set<std::string>();
        std::set<std::string> listed;
        for (const cluster& one : each.clusters) listed.insert(one.id);
        const auto judgement = judge(files, listed);
        if (judgement.verdict == listing_verdict::none_listed)
            refused.emplace_back(label, explain(judgement, files.size()));
    }
    for (const auto& [label, why] : refused) leave_out(all, label, why, log);
}

fetch_job work_by_listing(const fetching& all, const global_options& global, console& log)
{
    fetch_job job(all.accounts);
    for (const listing& each : all.listed) {
        auto options = options_of(all.command, global, all.accounts, all.places.at(each.of.label()));
        job.add(each.of, each.of.kubeconfigs(selected(each.clusters, all.command.wanted), std::move(options)));
    }
    if (!all.command.wanted.empty() && job.all().summary().total == 0) explain_empty_selection(log, all.listed);
    return job;
}

fetch_job work_by_ids(const fetching& all, const global_options& global, std::vector<cluster> named)
{
    fetch_job job(all.accounts);
    const client& of = all.accounts.clients.front();
    auto options = options_of(all.command, global, all.accounts, all.places.at(of.label()));
    job.add(of, of.kubeconfigs(std::move(named), std::move(options)));
    return job;
}

/// A name that is no cluster's is one that failed.
void report_unknown(const resolved_references& named, const item_sink& report, console& log)
{
    for (const auto& [name, why] : named.unknown) {
        bulk_item item;
        item.cluster.id = name;
        item.outcome = why;
        report(item);
        log.line("doks: " + std::string(named_wrongly(why).what()));
    }
}

}

boost::asio::awaitable<exit_status> run(fetch_command command, const global_options& global, command_context& context)
{
    std::vector<std::string> references;
    if (command.ids_file) references = read_ids_of(*command.ids_file, context.standard_input);
    fetching all{std::move(command), make_accounts(global, context), {}, {}};
    all.places = open_directories(all.accounts, all.command.out);
    if (!all.command.ids_file) {
        all.listed = co_await list_clusters(all.accounts, context.log);
        if (all.listed.empty()) co_return exit_status::failed;
    }
    const auto limit = all.command.prune == prune_mode::all ? removal_limit::all : removal_limit::half;
    std::vector<prune_job> jobs;
    if (all.command.prune != prune_mode::off)
        jobs = co_await plan_prunes(all.listed, all.places, limit);
    else
        co_await leave_out_other_accounts(all, context.log);
    leave_out_refused(all, jobs, context.log);
    item_sink report = [accounts = all.accounts](const bulk_item& item) {
        print_result(report_line(item, accounts.context_shown(item.label)));
    };
    resolved_references named;
    if (all.command.ids_file) named = co_await look_up(std::move(references), all.accounts.clients.front());
    report_unknown(named, report, context.log);
    auto job = all.command.ids_file ? work_by_ids(all, global, std::move(named.clusters))
                                    : work_by_listing(all, global, context.log);
    auto stored =
        co_await process_all(std::move(job), files_in(all.places), global.progress, context.log, std::move(report));
    for (const auto& [label, rest] : stored.left_over)
        print_result(not_started_line(rest, all.accounts.context_shown(label)));
    bool is_complete = all.is_complete() && stored.is_complete() && named.unknown.empty();
    if (!stored.stopped) {
        prune_options options;
        options.limit = limit;
        auto pruned = co_await prune(std::move(jobs), all.places, all.accounts, options, &print_result, context.log);
        is_complete = is_complete && pruned == prune_outcome::done;
    }
    co_return is_complete ? exit_status::done : exit_status::failed;
}

}
