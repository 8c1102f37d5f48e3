#include "cli/kubectl/kubeconfig_editor.hpp"

#include "cli/output/cli_error.hpp"
#include "cli/process/stop_signals.hpp"

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

failure harmful(const bulk_item& item, const audit_finding& found)
{
    failure_record record;
    record.code = errc::unexpected_response;
    record.operation = "saving the kubeconfig of " + item.cluster.id;
    record.phase = "look";
    record.info = item.outcome->info();
    record.detail = found.where + ": " + std::string(to_string(found.kind));
    if (!found.detail.empty()) record.detail += " (" + found.detail + ")";
    record.remedy =
        "the API documents nothing of the kind: check who responds at its address; 'doks kubeconfig show' prints it";
    return failure(std::move(record));
}

kubeconfig_file chosen(const std::optional<std::filesystem::path>& named, const environment& variables)
{
    if (named) return kubeconfig_file(*named);
    return kubeconfig_file::from_list(variables("KUBECONFIG").value_or(""), variables("HOME").value_or(""));
}

template <class Result>
asio::awaitable<Result> on_its_thread(kubeconfig_file file, std::function<Result(kubeconfig_file&)> change)
{
    co_return change(file);
}

/// One step of a wait that a signal may end.
bool is_worth_waiting(const failure& why, std::chrono::steady_clock::time_point until)
{
    return why == errc::kubeconfig_locked && std::chrono::steady_clock::now() < until;
}

cli_error ended_by_signal(const failure& why)
{
    return {exit_status::failed, "the kubeconfig",
        "a signal came while its lock was waited for, and nothing was changed: " + why.detail(), "run it again"};
}

}

void require_harmless(const bulk_item& item)
{
    item.outcome->current();
    for (const audit_finding& each : audit(*item.outcome))
        if (each.kind != audit_kind::foreign_server) throw harmful(item, each);
}

kubeconfig_editor::kubeconfig_editor(
    const std::optional<std::filesystem::path>& named, const global_options& global, command_context& context)
    : file_(chosen(named, context.variables))
    , patience_(std::min(global.timeout.value_or(longest_wait), longest_wait))
    , context_(context)
{
    file_.wait_for_lock(one_wait);
}

template <class Result> asio::awaitable<Result> kubeconfig_editor::run(std::function<Result(kubeconfig_file&)> change)
{
    const auto executor = co_await asio::this_coro::executor;
    const auto until = std::chrono::steady_clock::now() + patience_;
    asio::thread_pool disk(1);
    const auto tell = [this] { context_.log.line("doks: stopping, with the kubeconfig as it was or written whole"); };
    const stop_signals signals(executor, tell, hang_up::stops);
    for (;;) {
        std::optional<failure> locked;
        try {
            auto work = on_its_thread<Result>(file_, change);
            auto result = co_await asio::co_spawn(disk.get_executor(), std::move(work), asio::use_awaitable);
            co_return result;
        } catch (const failure& why) {
            if (!is_worth_waiting(why, until)) throw;
            locked = why;
        }
        if (signals.received()) throw ended_by_signal(*locked);
    }
}

asio::awaitable<merge_result> kubeconfig_editor::merge(std::vector<kubeconfig> configs, const merge_options& options)
{
    return run<merge_result>(
        [configs = std::move(configs), options](kubeconfig_file& into) { return into.merge(configs, options); });
}

asio::awaitable<std::filesystem::path> kubeconfig_editor::check_writable()
{
    return run<std::filesystem::path>([](kubeconfig_file& file) { return file.check_writable(); });
}

asio::awaitable<remove_result> kubeconfig_editor::remove(std::vector<std::string> entries)
{
    return run<remove_result>([entries = std::move(entries)](kubeconfig_file& file) { return file.remove(entries); });
}

}
