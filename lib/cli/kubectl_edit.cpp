#include "cli/kubectl_edit.hpp"

#include "cli/problem.hpp"
#include "cli/stop_signals.hpp"

#include <doks/audit.hpp>

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
constexpr std::chrono::milliseconds one_wait(200);

failure harmful(const bulk_item& item, const audit_finding& what)
{
    failure_record record;
    record.code = errc::unexpected_response;
    record.operation = "saving the kubeconfig of " + item.cluster.id;
    record.phase = "look";
    record.info = item.outcome->info();
    record.detail = what.where + ": " + std::string(to_string(what.kind));
    if (!what.detail.empty()) record.detail += " (" + what.detail + ")";
    record.remedy =
        "the API documents nothing of the kind: see who answers at its address; 'doks kubeconfig show' prints it";
    return failure(std::move(record));
}

kubeconfig_file chosen(const std::optional<std::filesystem::path>& named, const environment& variables)
{
    if (named) return kubeconfig_file(*named);
    return kubeconfig_file::from_list(variables("KUBECONFIG").value_or(""), variables("HOME").value_or(""));
}

template <class Told>
asio::awaitable<Told> on_its_thread(kubeconfig_file file, std::function<Told(kubeconfig_file&)> change)
{
    co_return change(file);
}

/// One step of a wait that a signal may end.
bool is_worth_waiting(const failure& why, std::chrono::steady_clock::time_point until)
{
    return why == errc::kubeconfig_locked && std::chrono::steady_clock::now() < until;
}

problem ended_by_signal(const failure& why)
{
    return {exit_status::failed, "the kubeconfig",
        "a signal came while its lock was waited for, and nothing was changed: " + why.detail(), "run it again"};
}

}

void require_harmless(const bulk_item& item)
{
    const auto found = audit(*item.outcome);
    item.outcome->current();
    for (const audit_finding& each : found)
        if (each.kind != audit_kind::foreign_server) throw harmful(item, each);
}

kubectl_edit::kubectl_edit(
    const std::optional<std::filesystem::path>& named, const global_options& global, surroundings& around)
    : file_(chosen(named, around.variables))
    , patience_(std::min(global.timeout.value_or(longest_wait), longest_wait))
    , around_(around)
{
    file_.wait_for_lock(one_wait);
}

template <class Told> asio::awaitable<Told> kubectl_edit::run(std::function<Told(kubeconfig_file&)> change)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto until = std::chrono::steady_clock::now() + patience_;
    asio::thread_pool disk(1);
    const auto tell = [this] { around_.log.line("doks: stopping, with the kubeconfig as it was or written whole"); };
    const stop_signals signals(executor, tell, hang_up::stops);
    for (;;) {
        std::optional<failure> locked;
        try {
            auto work = on_its_thread<Told>(file_, change);
            auto told = co_await asio::co_spawn(disk.get_executor(), std::move(work), asio::use_awaitable);
            co_return told;
        } catch (const failure& why) {
            if (!is_worth_waiting(why, until)) throw;
            locked = why;
        }
        if (signals.received()) throw ended_by_signal(*locked);
    }
}

asio::awaitable<merge_result> kubectl_edit::merge(std::vector<kubeconfig> configs, const merge_options& how)
{
    return run<merge_result>(
        [configs = std::move(configs), how](kubeconfig_file& into) { return into.merge(configs, how); });
}

asio::awaitable<std::filesystem::path> kubectl_edit::trial()
{
    return run<std::filesystem::path>([](kubeconfig_file& file) { return file.check_writable(); });
}

asio::awaitable<remove_result> kubectl_edit::remove(std::vector<std::string> entries)
{
    return run<remove_result>([entries = std::move(entries)](kubeconfig_file& from) { return from.remove(entries); });
}

}
