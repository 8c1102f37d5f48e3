#include "cli/store_all.hpp"

#include "cli/progress.hpp"
#include "cli/report.hpp"
#include "cli/stop_signals.hpp"
#include "cli/text.hpp"

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
        auto context = from_.context_shown(item.label);
        auto where = context.empty() ? "" : "context " + in_quotes(context) + ", ";
        log_.line("doks: " + where + item.cluster.id + ": " + item.outcome.error().message());
    }

    void finish()
    {
        if (seen_ > failures_shown)
            log_.line("doks: " + std::to_string(seen_ - failures_shown) + " more failed; the report names them");
    }

private:
    console& log_;
    accounts from_;
    std::size_t seen_ = 0;
};

}

asio::awaitable<stored_work> store_all(workload work, item_store put, progress_mode mode, console& log, item_sink tell)
{
    auto executor = co_await asio::this_coro::executor;
    auto failures = std::make_shared<failure_log>(log, work.from());
    item_sink tell_all = [failures, tell = std::move(tell)](const bulk_item& item) {
        failures->see(item);
        tell(item);
    };
    auto stored = std::make_shared<storage>(executor, std::move(work), std::move(put), log, std::move(tell_all));
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
    stored_work result;
    result.counts = stored->summary();
    result.stopped = stored->stopped();
    co_return result;
}

}
