#include "cli/commands.hpp"
#include "cli/option_values.hpp"
#include "cli/scratch_directory.hpp"
#include "cli/store_all.hpp"

#include <doks/sim/simulator.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

namespace doks::cli {

namespace {

constexpr std::string_view scaled_limits = "250/500ms,5000/30s";

struct demo_result
{
    bulk_summary counts;
    std::size_t of_another_cluster = 0;
    std::chrono::duration<double> took{0};
    sim::journal_counts seen_by_api;
};

sim::options simulation(std::size_t clusters)
{
    sim::options how;
    how.clusters = clusters;
    how.limit = sim::parse_rate_limit(scaled_limits);
    return how;
}

client_config configuration_for(const sim::simulator& api, const global_options& global)
{
    auto config = configuration_of(global, [](const std::string&) { return std::nullopt; });
    config.proxy = {}; // its API is on this machine
    config.api_url = api.url();
    config.tls.ca_file = api.ca_file();
    config.token = token(api.token());
    config.rate_limit = parse_rate_windows(scaled_limits, "--rate-limit");
    return config;
}

bool names_its_own_cluster(const kubeconfig_directory& directory, const std::string& id)
{
    auto stored = directory.get(id);
    return stored && stored->current().server.ends_with("/clusters/" + id);
}

std::size_t count_wrong_files(
    const kubeconfig_directory& directory, const sim::simulator& api, const bulk_summary& counts)
{
    std::size_t right = 0;
    for (const std::string& id : api.cluster_ids()) right += names_its_own_cluster(directory, id);
    return counts.fetched - std::min(counts.fetched, right);
}

std::string json_text(const demo_result& result)
{
    boost::json::object line{{"clusters", result.counts.total}, {"fetched", result.counts.fetched},
        {"failed", result.counts.failed}, {"of_another_cluster", result.of_another_cluster},
        {"seconds", result.took.count()}, {"credentials_minted", result.seen_by_api.minted},
        {"connections", result.seen_by_api.connections}, {"refused_429", result.seen_by_api.throttled}};
    return boost::json::serialize(line) + '\n';
}

std::string plain_text(const demo_result& result)
{
    std::array<char, 32> seconds;
    std::snprintf(seconds.data(), seconds.size(), "%.2f", result.took.count());
    std::string text;
    auto add = [&text](std::string_view name, const std::string& value) {
        text.append(name).append(22 - name.size(), ' ').append(value).append(1, '\n');
    };
    add("clusters", std::to_string(result.counts.total));
    add("fetched", std::to_string(result.counts.fetched));
    add("failed", std::to_string(result.counts.failed));
    add("of another cluster", std::to_string(result.of_another_cluster));
    add("seconds", seconds.data());
    add("credentials minted", std::to_string(result.seen_by_api.minted));
    add("connections", std::to_string(result.seen_by_api.connections));
    add("refused (429)", std::to_string(result.seen_by_api.throttled));
    return text;
}

}

boost::asio::awaitable<exit_status> run(demo_command what, const global_options& global, surroundings& around)
{
    auto& log = around.log;
    log.line("doks: demo: " + std::to_string(what.clusters) + " simulated clusters over TLS; limits scaled down to " +
             std::string(scaled_limits) + " (DigitalOcean's are 250/1m,5000/1h)");
    sim::simulator api(simulation(what.clusters));
    std::optional<scratch_directory> scratch;
    if (!what.out) scratch.emplace();
    auto from = make_account(configuration_for(api, global), global, around);
    auto places = open_directories(from, what.out ? *what.out : scratch->path());
    const client simulated = from.each.front();
    auto begin = std::chrono::steady_clock::now();
    auto listed = co_await simulated.clusters();
    workload work(from);
    work.add(simulated, simulated.kubeconfigs(std::move(listed), sole_user_options(from)));
    item_sink no_report = [](const bulk_item&) {};
    auto stored = co_await store_all(std::move(work), files_in(places), global.progress, log, std::move(no_report));
    demo_result result;
    result.counts = stored.counts;
    result.took = std::chrono::steady_clock::now() - begin;
    result.of_another_cluster = count_wrong_files(places.at(simulated.label()), api, result.counts);
    result.seen_by_api = api.counts();
    print_result(global.output == output_form::json ? json_text(result) : plain_text(result));
    bool all_well = result.of_another_cluster == 0 && result.counts.fetched == what.clusters;
    co_return all_well ? exit_status::done : exit_status::failed;
}

}
