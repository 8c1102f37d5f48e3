#include "cli/fetch/process_all.hpp"

#include "cli/output/progress.hpp"
#include "cli/output/report.hpp"
#include "cli/output/text.hpp"
#include "cli/process/open_files.hpp"
#include "cli/process/stop_signals.hpp"

#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace doks::cli {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds grace(2);
constexpr std::size_t failures_shown = 10;

/// Names the first failures for people; the report has all of them.
class failure_log
{
public:
    failure_log(console& log, account_set accounts)
        : log_(log)
        , accounts_(std::move(accounts))
    {}

    void see(const bulk_item& item)
    {
        if (outcome_of(item) != outcome::failed) return;
        ++seen_;
        if (seen_ > failures_shown) return;
        log_.line("doks: " + place(item.label) + item.cluster.id + ": " + item.outcome.error().message());
    }

    void finish()
    {
        if (seen_ > failures_shown)
            log_.line("doks: " + std::to_string(seen_ - failures_shown) + " more failed; the report names them");
    }

    void explain(const std::map<std::string, not_started>& left_over)
    {
        for (const auto& [label, rest] : left_over)
            log_.line(
                "doks: " + place(label) + std::to_string(rest.count) + " were not started: " + reason_for(rest.why));
    }

private:
    std::string place(const std::string& label) const
    {
        const auto context = accounts_.context_shown(label);
        return context.empty() ? "" : "context " + in_quotes(context) + ", ";
    }

    console& log_;
    account_set accounts_;
    std::size_t seen_ = 0;
};

void note_few_connections(const account_set& accounts, console& log)
{
    if (accounts.connections >= accounts.wanted_connections) return;
    log.line("doks: this process may open " + std::to_string(most_open_files()) +
             " files (ulimit -n): " + std::to_string(accounts.connections) + " connections at most in place of " +
             std::to_string(accounts.wanted_connections));
}

}

asio::awaitable<process_result> process_all(
    fetch_job job, item_store put, progress_mode mode, console& log, item_sink report)
{
    auto executor = co_await asio::this_coro::executor;
    auto failures = std::make_shared<failure_log>(log, job.accounts());
    item_sink report_all = [failures, report = std::move(report)](const bulk_item& item) {
        failures->see(item);
        report(item);
    };
    note_few_connections(job.accounts(), log);
    auto stored = std::make_shared<result_writer>(executor, std::move(job), std::move(put), log, std::move(report_all));
    progress shown(executor, log, mode, [stored](auto now) { return stored->moment(now); });
    stop_signals signals(executor, [stored, &log] {
        log.line("doks: stopping: requests in flight may end within 2 s; another signal ends doks at once");
        stored->stop(grace);
    });
    for (;;) {
        co_await stored->wait_for_room();
        auto item = co_await stored->next();
        if (!item) break;
        stored->take(std::move(*item));
    }
    co_await stored->settle();
    shown.finish();
    failures->finish();
    failures->explain(stored->left_over());
    co_return process_result{stored->summary(), stored->stopped(), stored->left_over()};
}

}
