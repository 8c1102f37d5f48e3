#include "cli/commands.hpp"
#include "cli/report.hpp"

#include <string>

namespace doks::cli {

boost::asio::awaitable<exit_status> run(clusters_command, const global_options& global, surroundings& around)
{
    auto watched = make_client(global, around);
    auto clusters = co_await watched.api.clusters();
    if (global.output == output_form::json) {
        for (const cluster& each : clusters) print_result(cluster_line(each));
    } else {
        if (clusters.empty()) around.log.line("doks: this token sees no cluster");
        print_result(cluster_table(clusters));
    }
    co_return exit_status::done;
}

}
