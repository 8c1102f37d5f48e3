#pragma once

#include "support/scratch.hpp"
#include "support/sim_faults.hpp"

#include <doks/client.hpp>
#include <doks/sim/simulator.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <future>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A client against the simulator over real TLS on loopback: the fixture of most tests in this folder.

namespace doks::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

#if defined(__SANITIZE_THREAD__)
inline constexpr std::size_t slowness = 5;
#elif defined(__SANITIZE_ADDRESS__)
inline constexpr std::size_t slowness = 2;
#else
inline constexpr std::size_t slowness = 1;
#endif

/// How often something is done; less often under a sanitizer.
constexpr std::size_t many(std::size_t count) { return count / slowness; }

/// A simulator without limits; the tests that want some say so.
inline sim::options unlimited(std::size_t clusters = 3)
{
    sim::options how;
    how.clusters = clusters;
    how.limit.enabled = false;
    return how;
}

/** The simulator over real TLS on loopback, a context to run, and clients of both. */
struct simulator_fixture
{
    explicit simulator_fixture(sim::options how = unlimited())
        : api(std::move(how))
    {}

    /// Without a rate limit of its own.
    client_config config() const
    {
        client_config made;
        made.api_url = api.url();
        made.tls.ca_file = api.ca_file();
        made.token = token(api.token());
        made.rate_limit.clear();
        return made;
    }
    doks::client client() { return doks::client(context.get_executor(), config()); }

    /// Runs until nothing is left to do; what the coroutine throws comes out here.
    template <class T> T run(asio::awaitable<T> work)
    {
        auto done = asio::co_spawn(context, std::move(work), asio::use_future);
        run_dry();
        if (done.wait_for(0s) != std::future_status::ready) throw std::logic_error("run() returned too early");
        return done.get();
    }
    /// A context that does not become idle is an error of the test.
    void run_dry()
    {
        context.restart();
        context.run_for(60s);
        if (!context.stopped()) throw std::logic_error("the context is still busy");
    }
    /// The same on four threads.
    void run_dry_on_four_threads()
    {
        context.restart();
        asio::thread_pool pool(4);
        for (int i = 0; i < 4; ++i) asio::post(pool, [this] { context.run_for(100s); });
        pool.join();
        REQUIRE(context.stopped());
    }
    /// Runs until the condition holds.
    template <class Condition> void run_until(Condition holds)
    {
        const auto give_up = steady_clock::now() + 60s;
        while (!holds()) {
            if (steady_clock::now() > give_up) throw std::logic_error("what the test waits for does not come");
            context.restart();
            context.run_one_for(2ms);
        }
    }
    /// Runs until the simulator has seen so many requests since its start.
    void run_until_requests(std::size_t count)
    {
        run_until([&] { return api.counts().requests >= count; });
    }
    std::string first() const { return api.cluster_ids().front(); }

    asio::io_context context;
    sim::simulator api;
};

inline asio::awaitable<std::vector<bulk_item>> read_all(bulk& from)
{
    std::vector<bulk_item> items;
    while (auto item = co_await from.next()) items.push_back(std::move(*item));
    co_return items;
}

/// The credential in the item works for the item's own cluster, and for no other.
inline bool is_for_its_own(const sim::simulator& api, const bulk_item& item)
{
    if (!item.outcome || item.outcome->cluster_id() != item.cluster.id) return false;
    const auto& access = item.outcome->current();
    return access.server.ends_with("/clusters/" + item.cluster.id) &&
           api.cluster_of(access.token.reveal()) == item.cluster.id;
}

}
