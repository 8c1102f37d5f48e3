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
    failure_log(console& log, accounts from)
        : log_(log)
        , from_(std::move(from))
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

    void tell(const std::map<std::string, not_started>& left_over)
    {
        for (const auto& [label, rest] : left_over)
            log_.line(
                "doks: " + place(label) + std::to_string(rest.count) + " were not started: " + reason_for(rest.why));
    }

private:
    std::string place(const std::string& label) const
    {
        const auto context = from_.context_shown(label);
        return context.empty() ? "" : "context " + in_quotes(context) + ", ";
    }

    console& log_;
    accounts from_;
    std::size_t seen_ = 0;
};

void note_few_connections(const accounts& from, console& log)
{
    if (from.connections >= from.wanted_connections) return;
    log.line("doks: this process may open " + std::to_string(most_open_files()) +
             " files (ulimit -n): " + std::to_string(from.connections) + " connections at most in place of " +
             std::to_string(from.wanted_connections));
}

}

asio::awaitable<processed_work> process_all(
    fetch_job work, item_store put, progress_mode mode, console& log, item_sink tell)
{
    auto executor = co_await asio::this_coro::executor;
    auto failures = std::make_shared<failure_log>(log, work.from());
    item_sink tell_all = [failures, tell = std::move(tell)](const bulk_item& item) {
        failures->see(item);
        tell(item);
    };
    note_few_connections(work.from(), log);
    auto stored = std::make_shared<result_writer>(executor, std::move(work), std::move(put), log, std::move(tell_all));
    progress shown(executor, log, mode, [stored](auto now) { return stored->moment(now); });
    stop_signals signals(executor, [stored, &log] {
        log.line("doks: stopping: what is in flight may end within 2 s; another signal ends it at once");
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
    failures->tell(stored->left_over());
    co_return processed_work{stored->summary(), stored->stopped(), stored->left_over()};
}

}
