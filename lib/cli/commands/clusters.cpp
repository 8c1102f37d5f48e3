#include "cli/clusters/listing.hpp"
#include "cli/commands/commands.hpp"
#include "cli/output/report.hpp"
#include "cli/output/text.hpp"

#include <string>
#include <vector>

namespace doks::cli {

namespace {

std::vector<cluster_row> rows_of(const std::vector<listing>& listed, const account_set& accounts)
{
    std::vector<cluster_row> rows;
    for (const listing& each : listed)
        for (const cluster& one : each.clusters) rows.push_back({accounts.context_shown(each.of.label()), &one});
    return rows;
}

void explain_none(console& log, const listing& empty, const account_set& accounts)
{
    auto context = accounts.context_shown(empty.of.label());
    log.line(context.empty() ? "doks: this token sees no cluster"
                             : "doks: context " + in_quotes(context) + ": its token sees no cluster");
}

}

boost::asio::awaitable<exit_status> run(clusters_command, const global_options& global, command_context& context)
{
    auto accounts = make_accounts(global, context);
    auto listed = co_await list_clusters(accounts, context.log);
    auto rows = rows_of(listed, accounts);
    if (global.output == output_form::json) {
        for (const cluster_row& each : rows) print_result(cluster_line(*each.listed, each.context));
    } else {
        for (const listing& each : listed)
            if (each.clusters.empty()) explain_none(context.log, each, accounts);
        print_result(cluster_table(rows));
    }
    co_return listed.size() == accounts.clients.size() ? exit_status::done : exit_status::failed;
}

}
