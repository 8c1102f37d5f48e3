#include "cli/commands.hpp"
#include "cli/id_list.hpp"
#include "cli/report.hpp"
#include "cli/store_all.hpp"

#include <utility>
#include <vector>

namespace doks::cli {

namespace {

bulk_options options_of(const fetch_command& what, const global_options& global, const watched_client& from,
    const kubeconfig_directory& directory)
{
    auto options = sole_user_options(from);
    options.expiry = what.expiry;
    if (global.attempts) options.attempts = *global.attempts;
    if (what.fresh_for) options.fresh = directory.fresh_for(*what.fresh_for);
    return options;
}

}

boost::asio::awaitable<exit_status> run(fetch_command what, const global_options& global, surroundings& around)
{
    std::vector<std::string> ids;
    if (what.ids_file) ids = read_ids_of(*what.ids_file, around.standard_input);
    auto watched = make_client(global, around);
    kubeconfig_directory directory(what.out);
    auto options = options_of(what, global, watched, directory);
    bulk all;
    if (what.ids_file) {
        all = watched.api.kubeconfigs(std::move(ids), std::move(options));
    } else {
        auto listed = co_await watched.api.clusters();
        all = watched.api.kubeconfigs(std::move(listed), std::move(options));
    }
    item_sink report = [](const bulk_item& item) { print_result(report_line(item)); };
    auto counts = co_await store_all(std::move(all), directory, watched, global.progress, around.log, report);
    co_return counts.failed == 0 ? exit_status::done : exit_status::failed;
}

}
