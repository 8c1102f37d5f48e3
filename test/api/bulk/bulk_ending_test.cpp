#include "api/simulator_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <algorithm>
#include <optional>
#include <set>

// How a bulk ends before its last id: a wait that is given up, stop(), destruction, a token that is refused for good.

namespace doks::test {

namespace {

/// The next outcomes of a bulk, fewer if it ends.
asio::awaitable<std::vector<bulk_item>> take(bulk& from, std::size_t count)
{
    std::vector<bulk_item> items;
    while (items.size() < count) {
        auto item = co_await from.next();
        if (!item) break;
        items.push_back(std::move(*item));
    }
    co_return items;
}

std::size_t stopped_among(const std::vector<bulk_item>& items)
{
    return static_cast<std::size_t>(std::count_if(items.begin(), items.end(),
        [](const auto& item) { return !item.outcome && item.outcome.error() == errc::stopped; }));
}

}

TEST_CASE("cancelling a next() gives up that wait only; the bulk goes on")
{
    simulator_fixture fixture(unlimited(10));
    fixture.api.set_latency({100ms, 100ms});
    auto all = fixture.client().kubeconfigs(fixture.api.cluster_ids(), {.in_flight = 5});
    for (const auto type :
        {asio::cancellation_type::terminal, asio::cancellation_type::partial, asio::cancellation_type::total}) {
        asio::cancellation_signal signal;
        unsigned completions = 0;
        std::exception_ptr thrown;
        all.next(
            asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr why, std::optional<bulk_item> item) {
                ++completions;
                thrown = why;
                CHECK_FALSE(item);
            }));
        signal.emit(type);
        fixture.run_until([&] { return completions != 0; });
        CHECK(completions == 1);
        try {
            REQUIRE(thrown);
            std::rethrow_exception(thrown);
        } catch (const boost::system::system_error& why) {
            CHECK(why.code() == asio::error::operation_aborted);
        }
    }
    const auto items = fixture.run(read_all(all));
    CHECK(items.size() == 10);
    CHECK(all.summary().fetched == 10);
    CHECK(fixture.api.counts().minted == 10);
}

TEST_CASE("stop() lets the requests in flight end within its grace; every other id ends as stopped")
{
    simulator_fixture fixture(unlimited(40));
    fixture.api.set_latency({10ms, 20ms});
    auto all = fixture.client().kubeconfigs(fixture.api.cluster_ids(), {.in_flight = 4});
    const auto program = [&]() -> asio::awaitable<std::vector<bulk_item>> {
        auto items = co_await take(all, 3);
        all.stop(10s);
        auto rest = co_await read_all(all);
        std::move(rest.begin(), rest.end(), std::back_inserter(items));
        co_return items;
    };
    const auto began = steady_clock::now();
    const auto items = fixture.run(program());
    CHECK(steady_clock::now() - began < 5s);
    CHECK(items.size() == 40);
    const auto summary = all.summary();
    CHECK(summary.fetched + stopped_among(items) == 40);
    CHECK(summary.fetched >= 3);
    CHECK(summary.fetched == fixture.api.counts().minted);
    CHECK(summary.fetched <= 3 + 4 + 4);
    CHECK(summary.failed == stopped_among(items));
}

TEST_CASE("stop() cancels what outlives its grace")
{
    simulator_fixture fixture(unlimited(20));
    auto all = fixture.client().kubeconfigs(fixture.api.cluster_ids(), {.in_flight = 4});
    fixture.api.script(fault_of(sim::fault_kind::stall_first_byte), {}, 4);
    const auto program = [&]() -> asio::awaitable<std::vector<bulk_item>> {
        all.stop(50ms);
        auto items = co_await read_all(all);
        co_return items;
    };
    std::optional<bulk_item> first;
    unsigned completions = 0;
    all.next([&](std::exception_ptr, std::optional<bulk_item> item) {
        first = std::move(item);
        ++completions;
    });
    fixture.run_until_requests(4);
    all.stop(50ms);
    const auto began = steady_clock::now();
    fixture.run_dry();
    CHECK(completions == 1);
    const auto items = fixture.run(program());
    CHECK(steady_clock::now() - began < 2s);
    CHECK(items.size() == 19);
    CHECK(stopped_among(items) == 19);
    CHECK(first->outcome.error() == condition::cancelled);
    CHECK(fixture.api.counts().minted == 0);
}

TEST_CASE("a bulk stopped before it began yields every id as stopped and sends nothing")
{
    simulator_fixture fixture(unlimited(10));
    auto all = fixture.client().kubeconfigs(fixture.api.cluster_ids());
    all.stop(0s);
    const auto items = fixture.run(read_all(all));
    CHECK(stopped_among(items) == 10);
    CHECK(fixture.api.counts().requests == 0);
}

TEST_CASE("destroying a bulk cancels its requests in flight; its client goes on")
{
    simulator_fixture fixture(unlimited(50));
    fixture.api.set_latency({20ms, 40ms});
    const auto client = fixture.client();
    std::optional<bulk> all(client.kubeconfigs(fixture.api.cluster_ids(), {.in_flight = 8}));
    CHECK(fixture.run(take(*all, 5)).size() == 5);
    const auto ended = fixture.api.counts().requests;
    const auto program = [&]() -> asio::awaitable<void> {
        auto one = co_await take(*all, 1);
        all.reset();
    };
    fixture.run(program());
    CHECK(fixture.api.counts().requests <= ended + 8 + 1);
    CHECK(fixture.run(client.kubeconfig(fixture.first())).cluster_id() == fixture.first());
}

TEST_CASE("a bulk destroyed under a waiting next() completes it once or lets it go; the context becomes idle")
{
    simulator_fixture fixture(unlimited(10));
    fixture.api.script(fault_of(sim::fault_kind::stall_first_byte), {}, 10);
    std::optional<bulk> all(fixture.client().kubeconfigs(fixture.api.cluster_ids()));
    unsigned completions = 0;
    all->next([&](std::exception_ptr, std::optional<bulk_item>) { ++completions; });
    fixture.run_until_requests(1);
    all.reset();
    fixture.run_dry();
    CHECK(completions <= 1);
}

TEST_CASE("a 401 that stands stops this token's bulk, and no other's")
{
    simulator_fixture fixture(unlimited(60));
    fixture.api.set_latency({2ms, 4ms});
    const auto base = fixture.client();
    const auto secret_of = [&](const char* label) { return fixture.api.add_token({.label = label}); };
    const auto good = base.with(token(secret_of("good")), "good");
    const auto revoked = secret_of("bad");
    fixture.api.revoke_token(revoked);
    const auto bad = base.with(token(revoked), "bad");

    auto all = good.kubeconfigs(fixture.api.cluster_ids(), {.in_flight = 8});
    all.add(bad.kubeconfigs(fixture.api.cluster_ids(), {.in_flight = 8}));
    std::size_t denied = 0;
    std::size_t fetched = 0;
    std::size_t without_turn = 0;
    const auto items = fixture.run(read_all(all));
    for (const auto& item : items) {
        if (item.label == "good")
            fetched += item.outcome.has_value();
        else {
            denied += item.outcome.error() == condition::denied;
            without_turn += item.outcome.error() == errc::token_refused;
            CHECK(item.outcome.error().message().find("Unable to authenticate you.") != std::string::npos);
        }
    }
    CHECK(items.size() == 120);
    CHECK(fetched == 60);
    CHECK(denied == 60);
    CHECK(without_turn >= 60 - 8);
    CHECK(all.summary().failed == 60);
    const auto journal = fixture.api.journal();
    const auto refused =
        std::count_if(journal.begin(), journal.end(), [](const auto& entry) { return entry.status == 401; });
    CHECK(refused <= 8);
}

}
