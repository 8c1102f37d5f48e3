// How late a call ends that is ended by its deadline, under load: four threads run one client, and one request in a
// hundred is never answered.
//
//   bench_deadline_overshoot [calls [calls at once]]
//
// Overshoot is the time from the deadline to the handler's call. The simulator shares the machine with the client, so
// the figure holds the scheduler's delays too: few calls at once measure the client, many the machine.

#include <doks/client.hpp>
#include <doks/sim/simulator.hpp>

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

namespace asio = boost::asio;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

using milliseconds = std::chrono::duration<double, std::milli>;

class load
{
public:
    load(doks::client through, std::vector<std::string> ids, std::size_t calls)
        : client_(std::move(through))
        , ids_(std::move(ids))
        , left_(static_cast<long>(calls))
    {}

    /// One call after the other, until all workers together have made every call.
    void work()
    {
        const long turn = left_--;
        if (turn <= 0) return;
        const auto deadline = steady_clock::now() + 50ms;
        client_.try_kubeconfig(ids_[static_cast<std::size_t>(turn) % ids_.size()], {.deadline = deadline},
            [this, deadline](const doks::result<doks::kubeconfig>& got) {
                ended(got, steady_clock::now() - deadline);
                work();
            });
    }
    /// In ascending order.
    std::vector<double> overshoots() const
    {
        auto all = overshoots_;
        std::sort(all.begin(), all.end());
        return all;
    }
    std::size_t others() const { return others_; }

private:
    void ended(const doks::result<doks::kubeconfig>& got, milliseconds late)
    {
        if (got) return;
        const std::lock_guard held(mutex_);
        if (got.error() == doks::errc::timed_out)
            overshoots_.push_back(late.count());
        else
            ++others_;
    }

    doks::client client_;
    std::vector<std::string> ids_;
    std::atomic<long> left_;
    std::mutex mutex_;
    std::vector<double> overshoots_;
    std::size_t others_ = 0;
};

void run_on_four_threads(asio::io_context& context)
{
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&context] { context.run(); });
    for (auto& each : threads) each.join();
}

double at(const std::vector<double>& sorted, double quantile)
{
    if (sorted.empty()) return 0;
    return sorted[static_cast<std::size_t>(quantile * static_cast<double>(sorted.size() - 1) + 0.5)];
}

doks::client client_of(asio::io_context& context, const doks::sim::simulator& server)
{
    doks::client_config config;
    config.api_url = server.url();
    config.tls.ca_file = server.ca_file();
    config.token = doks::token(server.token());
    config.rate_limit.clear();
    config.attempts = 1;
    return doks::client(context.get_executor(), config);
}

}

int main(int argc, char** argv)
{
    const std::size_t calls = argc > 1 ? static_cast<std::size_t>(std::atol(argv[1])) : 200'000;
    const std::size_t workers = argc > 2 ? static_cast<std::size_t>(std::atol(argv[2])) : 16;
    doks::sim::options options;
    options.clusters = 50;
    options.limit.enabled = false;
    options.faults = doks::sim::parse_faults("stall-first-byte=1%");
    doks::sim::simulator server(options);

    asio::io_context context(4);
    load all(client_of(context, server), server.cluster_ids(), calls);
    for (std::size_t i = 0; i < workers; ++i) all.work();
    run_on_four_threads(context);

    const auto late = all.overshoots();
    std::printf("{\"calls\":%zu,\"at_once\":%zu,\"stalled\":%zu,\"ended_by_deadline\":%zu,\"other_failures\":%zu,"
                "\"deadline_overshoot_p50_ms\":%.3f,\"deadline_overshoot_p999_ms\":%.3f,\"max_ms\":%.3f}\n",
        calls, workers, server.counts().faults["stall-first-byte"], late.size(), all.others(), at(late, 0.5),
        at(late, 0.999), at(late, 1));
    return 0;
}
