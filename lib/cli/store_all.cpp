#include "cli/store_all.hpp"

#include "cli/progress.hpp"
#include "cli/report.hpp"
#include "cli/stop_signals.hpp"

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
    explicit failure_log(console& log)
        : log_(log)
    {}

    void see(const bulk_item& item)
    {
        if (outcome_of(item) != outcome::failed) return;
        ++seen_;
        if (seen_ <= failures_shown) log_.line("doks: " + item.cluster.id + ": " + item.outcome.error().message());
    }

    void finish()
    {
        if (seen_ > failures_shown)
            log_.line("doks: " + std::to_string(seen_ - failures_shown) + " more failed; the report names them");
    }

private:
    console& log_;
    std::size_t seen_ = 0;
};

}

bulk_options sole_user_options(const watched_client& from)
{
    bulk_options options;
    options.in_flight = from.connections;
    options.leave = 0;
    return options;
}

asio::awaitable<bulk_summary> store_all(bulk all, kubeconfig_directory directory, const watched_client& from,
    progress_mode mode, console& log, item_sink tell)
{
    auto executor = co_await asio::this_coro::executor;
    auto failures = std::make_shared<failure_log>(log);
    item_sink tell_all = [failures, tell = std::move(tell)](const bulk_item& item) {
        failures->see(item);
        tell(item);
    };
    auto stored = std::make_shared<storage>(
        executor, std::move(all), std::move(directory), from.connections, log, std::move(tell_all));
    auto summary = [stored] { return stored->summary(); };
    auto gate = [api = from.api] { return api.rate_limit(); };
    progress shown(executor, log, mode, from.seen, from.connections, std::move(summary), std::move(gate));
    stop_signals signals(executor, [stored, &log] {
        log.line("doks: stopping: what is in flight may end within 2 s; another signal ends it at once");
        stored->all().stop(grace);
    });
    for (;;) {
        co_await stored->wait_for_room();
        auto item = co_await stored->all().next();
        if (!item) break;
        stored->take(std::move(*item));
    }
    co_await stored->settle();
    shown.finish();
    failures->finish();
    co_return stored->summary();
}

}
