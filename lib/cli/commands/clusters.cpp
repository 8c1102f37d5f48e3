#include "cli/clusters/listing.hpp"
#include "cli/commands/commands.hpp"
#include "cli/output/report.hpp"
#include "cli/output/text.hpp"

#include <string>
#include <vector>

namespace doks::cli {

namespace {

std::vector<cluster_row> rows_of(const std::vector<listing>& listed, const accounts& from)
{
    std::vector<cluster_row> rows;
    for (const listing& each : listed)
        for (const cluster& one : each.clusters) rows.push_back({from.context_shown(each.of.label()), &one});
    return rows;
}

void explain_none(console& log, const listing& empty, const accounts& from)
{
    auto context = from.context_shown(empty.of.label());
    log.line(context.empty() ? "doks: this token sees no cluster"
                             : "doks: context " + in_quotes(context) + ": its token sees no cluster");
}

}

boost::asio::awaitable<exit_status> run(clusters_command, const global_options& global, command_context& around)
{
    auto from = make_accounts(global, around);
    auto listed = co_await list_clusters(from, around.log);
    auto rows = rows_of(listed, from);
    if (global.output == output_form::json) {
        for (const cluster_row& each : rows) print_result(cluster_line(*each.listed, each.context));
    } else {
        for (const listing& each : listed)
            if (each.clusters.empty()) explain_none(around.log, each, from);
        print_result(cluster_table(rows));
    }
    co_return listed.size() == from.each.size() ? exit_status::done : exit_status::failed;
}

}
