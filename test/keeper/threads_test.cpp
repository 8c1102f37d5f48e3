#include "api/simulator_fixture.hpp"

#include <doks/keeper.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <random>
#include <thread>

// A keeper in the hands of several threads, over real sockets and a real directory.

namespace doks::test {

TEST_CASE("four threads ask, invalidate, keep and read one keeper: each call completes once")
{
    simulator_fixture fixture(unlimited(20));
    const auto ids = fixture.api.cluster_ids();
    const scratch_folder folder;
    asio::thread_pool pool(4);
    const client client(pool.get_executor(), fixture.config());
    keeper_options how;
    how.expiry = 2s;
    how.store = kubeconfig_directory(folder / "kept");
    std::optional<keeper> shared(std::in_place, client, how);
    std::atomic<std::size_t> completions = 0, good = 0, news = 0;
    std::atomic<bool> ended = false;
    auto changes = shared->changes();
    std::function<void()> read = [&] {
        changes.next(
            asio::bind_executor(pool.get_executor(), [&](std::exception_ptr, std::optional<renewal_event> got) {
                if (!got) return void(ended = true);
                ++news;
                read();
            }));
    };
    read();
    shared->keep(ids);
    const std::size_t calls = many(5'000);
    const auto worker = [&](unsigned seed) {
        std::mt19937 random(seed);
        const keeper own = *shared;
        for (std::size_t i = 0; i < calls; ++i) {
            const auto& id = ids[random() % ids.size()];
            own.try_kubeconfig(id, {.timeout = 20s}, [&](result<kubeconfig> got) {
                ++completions;
                good += got.has_value();
            });
            if (const auto held = own.held(id); held && random() % 50 == 0) own.invalidate(*held);
            if (random() % 500 == 0) own.keep({ids.begin(), ids.begin() + static_cast<long>(random() % ids.size())});
            if (random() % 100 == 0) static_cast<void>(own.stats());
        }
    };
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < 4; ++i) threads.emplace_back(worker, i);
    for (auto& each : threads) each.join();
    const auto give_up = steady_clock::now() + 60s;
    while (completions < 4 * calls && steady_clock::now() < give_up) std::this_thread::sleep_for(1ms);
    MESSAGE((4 * calls), " calls: ", completions.load(), " completions, ", good.load(), " good; ",
        shared->stats().minted, " minted, ", shared->stats().saved, " saved, ", news.load(), " changes");
    CHECK(completions == 4 * calls);
    CHECK(good == completions);
    shared.reset();
    pool.join();
    CHECK(ended);
}

TEST_CASE("a keeper that goes while four threads ask it ends every call once")
{
    simulator_fixture fixture(unlimited(5));
    fixture.api.set_latency({1ms, 20ms});
    const auto ids = fixture.api.cluster_ids();
    for (int round = 0; round < static_cast<int>(many(20)); ++round) {
        asio::thread_pool pool(4);
        std::optional<keeper> shared(std::in_place, client(pool.get_executor(), fixture.config()));
        shared->keep(ids);
        std::atomic<int> completions = 0;
        for (int i = 0; i < 200; ++i)
            asio::post(pool, [&, own = *shared, i] {
                own.try_kubeconfig(ids[static_cast<std::size_t>(i) % 5], {.expiry = std::chrono::seconds(60 + i)},
                    [&](result<kubeconfig>) { ++completions; });
            });
        std::this_thread::sleep_for(std::chrono::milliseconds(round));
        if (round % 2 == 0) shared->drain(5ms, [] {});
        shared.reset();
        pool.join();
        CHECK(completions == 200);
    }
}

}
