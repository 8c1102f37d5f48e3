#include "cli/kubectl_file.hpp"

#include "cli/stop_signals.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace doks::cli {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::nanoseconds longest_wait = std::chrono::seconds(10);

failure harmful(const bulk_item& item, const finding& what)
{
    failure_record record;
    record.code = errc::unexpected_answer;
    record.operation = "saving the kubeconfig of " + item.cluster.id;
    record.phase = "look";
    record.info = item.outcome->info();
    record.detail = what.where + ": " + std::string(to_string(what.kind));
    if (!what.detail.empty()) record.detail += " (" + what.detail + ")";
    record.remedy =
        "the API documents nothing of the kind: see who answers at its address; 'doks kubeconfig show' prints it";
    return failure(std::move(record));
}

asio::awaitable<merging> merge_all(kubeconfig_file into, std::vector<kubeconfig> configs, merge_options how)
{
    co_return into.merge(configs, how);
}

}

kubeconfig_file kubectl_file(
    const std::optional<std::filesystem::path>& named, const global_options& global, const environment& variables)
{
    auto file = named ? kubeconfig_file(*named)
                      : kubeconfig_file::usual(variables("KUBECONFIG").value_or(""), variables("HOME").value_or(""));
    const auto patience = std::min(global.timeout.value_or(longest_wait), longest_wait);
    return file.wait_for_lock(std::chrono::duration_cast<std::chrono::milliseconds>(patience));
}

void require_harmless(const bulk_item& item)
{
    item.outcome->current();
    for (const finding& each : findings(item.outcome->bytes()))
        if (each.kind != finding_kind::foreign_server) throw harmful(item, each);
}

asio::awaitable<merging> merge_off_thread(
    kubeconfig_file into, std::vector<kubeconfig> configs, merge_options how, console& log)
{
    const auto executor = co_await asio::this_coro::executor;
    asio::thread_pool disk(1);
    stop_signals signals(executor, [&log] {
        log.line("doks: stopping once the kubeconfig is written; another signal ends it at once, and may leave "
                 "kubectl's lock behind");
    });
    auto merge = merge_all(std::move(into), std::move(configs), std::move(how));
    auto told = co_await asio::co_spawn(disk.get_executor(), std::move(merge), asio::use_awaitable);
    co_return told;
}

}
