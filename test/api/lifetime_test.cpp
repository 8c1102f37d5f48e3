#include "api/simulator_fixture.hpp"

#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

// What goes away before its time: clients, contexts, coroutines. The address build proves that nothing leaks.

namespace doks::test {

namespace {

/// Destroyed with the handlers and coroutines that hold it.
using witness = std::shared_ptr<int>;

asio::awaitable<void> fetch_once(client with, std::string id, witness held, call_options options)
{
    auto got = co_await with.try_kubeconfig(id, options);
    *held += got.has_value();
}

asio::awaitable<void> read_bulk(client with, std::vector<std::string> ids, witness held)
{
    auto all = with.kubeconfigs(ids, {.in_flight = 4});
    while (auto item = co_await all.next()) *held += item->outcome.has_value();
}

asio::awaitable<void> list(client with, witness held)
{
    auto found = co_await with.clusters();
    *held += static_cast<int>(found.size());
}

asio::awaitable<void> drain(client with, witness held)
{
    co_await with.drain(1h);
    ++*held;
}

/// Starts calls and a bulk, runs them into some state, and destroys their context.
struct wreck
{
    explicit wreck(simulator_fixture& in)
        : fixture(in)
        , config(in.config())
    {}

    void sink(const std::function<bool()>& in_state)
    {
        std::optional<asio::io_context> context(std::in_place);
        const witness held = std::make_shared<int>(0);
        unsigned called = 0;
        {
            const client made(context->get_executor(), config);
            for (const auto& id : fixture.api.cluster_ids())
                asio::co_spawn(*context, fetch_once(made, id, held, options), asio::detached);
            asio::co_spawn(*context, read_bulk(made, fixture.api.cluster_ids(), held), asio::detached);
            asio::co_spawn(*context, list(made, held), asio::detached);
            made.try_kubeconfig(
                fixture.first(), options, [&called, held, made](const result<kubeconfig>&) { ++called; });
            if (drains) asio::co_spawn(*context, drain(made, held), asio::detached);
        }
        const auto give_up = steady_clock::now() + 30s;
        while (!in_state() && steady_clock::now() < give_up) {
            context->restart();
            context->run_one_for(2ms);
        }
        CHECK(in_state());
        const auto before = called;
        context.reset();
        CHECK(called == before);
        CHECK(held.use_count() == 1);
    }

    simulator_fixture& fixture;
    client_config config;
    call_options options{.timeout = 20min};
    bool drains = false;
};

}

TEST_CASE("a context destroyed with calls parked, a bulk, a listing and a drain under way discards everything")
{
    simulator_fixture fixture(unlimited(5));
    wreck ship(fixture);
    ship.config.rate_limit = {{1, 1min}};
    std::atomic<unsigned> parked{0};
    ship.config.observer = [&](const event& seen) { parked += std::holds_alternative<quota_awaited>(seen); };
    SUBCASE("without a drain") {}
    SUBCASE("with a drain") { ship.drains = true; }
    ship.sink([&] { return parked > 4; });
}

TEST_CASE("a context destroyed with calls on the wire discards everything")
{
    simulator_fixture fixture(unlimited(5));
    fixture.api.script(fault_of(sim::fault_kind::stall_first_byte), {}, 100);
    wreck ship(fixture);
    SUBCASE("on connections enough") {}
    SUBCASE("on one connection, others wait for it") { ship.config.connections = 1; }
    SUBCASE("with a drain") { ship.drains = true; }
    ship.sink([&, before = fixture.api.counts().requests] { return fixture.api.counts().requests > before; });
}

TEST_CASE("a context destroyed with calls in backoff discards everything")
{
    simulator_fixture fixture(unlimited(5));
    auto later = fault_of(sim::fault_kind::status, 503);
    later.retry_after = 60;
    fixture.api.script(later, {}, 1000);
    wreck ship(fixture);
    std::atomic<unsigned> pausing{0};
    ship.config.observer = [&](const event& seen) { pausing += std::holds_alternative<retry_scheduled>(seen); };
    ship.sink([&] { return pausing >= 6; });
}

TEST_CASE("a context destroyed with calls in the TLS handshake discards everything")
{
    simulator_fixture fixture(unlimited(5));
    fixture.api.script(fault_of(sim::fault_kind::stall_handshake), {}, 100);
    wreck ship(fixture);
    ship.sink([&] { return fixture.api.counts().connections >= 5; });
}

TEST_CASE("a context destroyed while the token is fetched discards everything")
{
    simulator_fixture fixture(unlimited(5));
    wreck ship(fixture);
    bool asked = false;
    ship.config.token = token_coroutine([&]() -> asio::awaitable<secret> {
        asked = true;
        asio::steady_timer never(co_await asio::this_coro::executor, (steady_clock::time_point::max)());
        co_await never.async_wait(asio::use_awaitable);
        co_return secret();
    });
    ship.sink([&] { return asked; });
}

TEST_CASE("a context destroyed before it ran discards everything")
{
    simulator_fixture fixture(unlimited(5));
    wreck ship(fixture);
    ship.sink([] { return true; });
}

TEST_CASE("a context that was stopped goes on where it was")
{
    simulator_fixture fixture(unlimited(20));
    fixture.api.set_latency({10ms, 10ms});
    const auto client = fixture.client();
    unsigned completions = 0;
    for (const auto& id : fixture.api.cluster_ids())
        client.try_kubeconfig(id, {}, [&](const result<kubeconfig>& got) {
            ++completions;
            CHECK(got.has_value());
        });
    fixture.run_until_requests(5);
    fixture.context.stop();
    fixture.run_dry();
    CHECK(completions == 20);
}

TEST_CASE("the last handle may go while calls are under way: they complete, then their connections are closed")
{
    simulator_fixture fixture(unlimited(20));
    fixture.api.set_latency({20ms, 20ms});
    unsigned completions = 0;
    {
        const auto client = fixture.client();
        for (const auto& id : fixture.api.cluster_ids())
            client.try_kubeconfig(id, {}, [&](const result<kubeconfig>& got) {
                ++completions;
                CHECK(got.has_value());
            });
    }
    fixture.run_dry();
    CHECK(completions == 20);
    fixture.run_until([&] { return fixture.api.counts().open_connections == 0; });
}

TEST_CASE("an idle client holds no work: run() returns at once, its connections kept for the next call")
{
    simulator_fixture fixture;
    const auto client = fixture.client();
    for (int i = 0; i < 20; ++i) {
        bool done = false;
        steady_clock::time_point ended;
        client.try_kubeconfig(fixture.first(), {}, [&](const result<kubeconfig>& got) {
            done = got.has_value();
            ended = steady_clock::now();
        });
        fixture.run_dry();
        CHECK(done);
        CHECK(steady_clock::now() - ended < 1s);
    }
    CHECK(fixture.api.counts().connections == 1);
    CHECK(fixture.api.counts().open_connections == 1);
}

}
