#include "api/simulator_fixture.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <memory>
#include <optional>
#include <thread>

// The same calls with every kind of completion token.

namespace doks::test {

TEST_CASE("a future gets the value, or throws the failure")
{
    simulator_fixture fixture;
    const auto client = fixture.client();
    auto good = client.kubeconfig(fixture.first(), {}, asio::use_future);
    auto bad = client.kubeconfig("a/b", {}, asio::use_future);
    auto result = client.try_kubeconfig("a/b", {}, asio::use_future);
    auto listed = client.clusters({}, asio::use_future);
    auto one = client.cluster(fixture.first(), {}, asio::use_future);
    auto exact = client.credentials(fixture.first(), {}, asio::use_future);
    fixture.run_dry();
    CHECK(good.get().cluster_id() == fixture.first());
    CHECK_THROWS_AS(bad.get(), failure);
    CHECK(result.get().error() == condition::invalid);
    CHECK(listed.get().size() == 3);
    CHECK(one.get().id == fixture.first());
    CHECK_FALSE(exact.get().token.empty());
}

TEST_CASE("a callback gets an exception pointer or a result, once, and never from within the initiation")
{
    simulator_fixture fixture;
    const auto client = fixture.client();
    unsigned completions = 0;
    std::optional<failure> thrown;
    auto owned = std::make_unique<int>(7);
    client.kubeconfig("a/b", {}, [&, owned = std::move(owned)](std::exception_ptr why, const kubeconfig& none) {
        ++completions;
        CHECK(*owned == 7);
        CHECK(none.bytes().empty());
        try {
            std::rethrow_exception(why);
        } catch (const failure& caught) {
            thrown = caught;
        }
    });
    client.try_kubeconfig(fixture.first(), {}, [&](result<kubeconfig> got) {
        ++completions;
        CHECK(got.has_value());
    });
    CHECK(completions == 0);
    fixture.run_dry();
    CHECK(completions == 2);
    REQUIRE(thrown);
    CHECK(*thrown == condition::invalid);
}

TEST_CASE("as_tuple gives the exception and the value side by side")
{
    simulator_fixture fixture;
    const auto program = [&]() -> asio::awaitable<void> {
        const auto client = fixture.client();
        auto good = co_await client.kubeconfig(fixture.first(), {}, asio::as_tuple(asio::use_awaitable));
        CHECK_FALSE(std::get<0>(good));
        CHECK(std::get<1>(good).cluster_id() == fixture.first());
        auto bad = co_await client.kubeconfig("a/b", {}, asio::as_tuple(asio::use_awaitable));
        CHECK(std::get<0>(bad));
    };
    fixture.run(program());
}

TEST_CASE("a call is cancelled through its slot, whatever the type, and its client goes on")
{
    simulator_fixture fixture;
    const auto client = fixture.client();
    for (const auto type :
        {asio::cancellation_type::terminal, asio::cancellation_type::partial, asio::cancellation_type::total}) {
        const auto before = fixture.api.counts().requests;
        fixture.api.script(fault_of(sim::fault_kind::stall_first_byte));
        asio::cancellation_signal signal;
        unsigned completions = 0;
        std::optional<result<kubeconfig>> outcome;
        client.try_kubeconfig(
            fixture.first(), {}, asio::bind_cancellation_slot(signal.slot(), [&](result<kubeconfig> got) {
                ++completions;
                outcome = std::move(got);
            }));
        fixture.run_until_requests(before + 1);
        signal.emit(type);
        signal.emit(type);
        fixture.run_dry();
        CHECK(completions == 1);
        REQUIRE(outcome);
        CHECK(outcome->error() == condition::cancelled);
        CHECK(outcome->error().code() == asio::error::operation_aborted);
        CHECK(outcome->error().why_stopped() == stop_reason::cancelled);
        CHECK(outcome->error().phase() == "first byte");
        CHECK(fixture.run(client.try_kubeconfig(fixture.first())).has_value());
    }
    CHECK(fixture.api.counts().minted == 3);
}

TEST_CASE("a listing is cancelled through its slot in mid-page")
{
    simulator_fixture fixture(unlimited(300));
    fixture.api.script(fault_of(sim::fault_kind::none));
    fixture.api.script(fault_of(sim::fault_kind::stall_first_byte));
    asio::cancellation_signal signal;
    std::exception_ptr thrown;
    fixture.client().clusters({}, asio::bind_cancellation_slot(signal.slot(),
                                      [&](std::exception_ptr why, const std::vector<cluster>&) { thrown = why; }));
    fixture.run_until_requests(2);
    signal.emit(asio::cancellation_type::terminal);
    fixture.run_dry();
    REQUIRE(thrown);
    CHECK_THROWS_AS(std::rethrow_exception(thrown), failure);
}

TEST_CASE("a call that is cancelled before it began, or after it ended, completes once")
{
    simulator_fixture fixture;
    const auto client = fixture.client();
    asio::cancellation_signal signal;
    unsigned completions = 0;
    client.try_kubeconfig(fixture.first(), {}, asio::bind_cancellation_slot(signal.slot(), [&](result<kubeconfig> got) {
        ++completions;
        CHECK(got.error() == condition::cancelled);
    }));
    signal.emit(asio::cancellation_type::terminal);
    fixture.run_dry();
    signal.emit(asio::cancellation_type::terminal);
    CHECK(completions == 1);
    CHECK(fixture.api.counts().minted == 0);
}

TEST_CASE("a handler runs on the executor that is bound to it, not on the client's")
{
    simulator_fixture fixture;
    asio::thread_pool elsewhere(1);
    std::thread::id where;
    const auto on = asio::make_strand(elsewhere.get_executor());
    fixture.client().try_kubeconfig(fixture.first(), {}, asio::bind_executor(on, [&](const result<kubeconfig>& got) {
        where = std::this_thread::get_id();
        CHECK(got.has_value());
        CHECK(on.running_in_this_thread());
    }));
    fixture.run_dry();
    elsewhere.join();
    CHECK(where != std::thread::id());
    CHECK(where != std::this_thread::get_id());
}

TEST_CASE("a pending call keeps the context of its handler busy until it has completed")
{
    simulator_fixture fixture;
    fixture.api.set_latency({20ms, 20ms});
    asio::io_context elsewhere;
    bool done = false;
    fixture.client().try_kubeconfig(fixture.first(), {},
        asio::bind_executor(elsewhere, [&](const result<kubeconfig>& got) { done = got.has_value(); }));
    std::thread network([&] { fixture.run_dry(); });
    elsewhere.run_for(20s);
    network.join();
    CHECK(done);
}

TEST_CASE("drain takes no new calls, lets those under way end, and completes when nothing is left")
{
    simulator_fixture fixture(unlimited(20));
    fixture.api.set_latency({20ms, 30ms});
    const auto client = fixture.client();
    std::vector<std::future<result<kubeconfig>>> under_way;
    for (const auto& id : fixture.api.cluster_ids())
        under_way.push_back(client.try_kubeconfig(id, {}, asio::use_future));
    fixture.run_until_requests(20);
    auto drained = client.drain(20s, asio::use_future);
    auto late = client.try_kubeconfig(fixture.first(), {}, asio::use_future);
    auto other = client.with(token("x"), {}).try_kubeconfig(fixture.first(), {}, asio::use_future);
    fixture.run_dry();
    drained.get();
    for (auto& each : under_way) CHECK(each.get().has_value());
    CHECK(late.get().error() == errc::draining);
    CHECK(other.get().error() == errc::draining);
    CHECK(fixture.api.counts().minted == 20);
}

TEST_CASE("drain cancels what outlives its bound")
{
    simulator_fixture fixture(unlimited(5));
    const auto client = fixture.client();
    fixture.api.script(fault_of(sim::fault_kind::stall_first_byte), {}, 5);
    std::vector<std::future<result<kubeconfig>>> under_way;
    for (const auto& id : fixture.api.cluster_ids())
        under_way.push_back(client.try_kubeconfig(id, {}, asio::use_future));
    fixture.run_until_requests(5);
    const auto began = steady_clock::now();
    auto drained = client.drain(50ms, asio::use_future);
    auto again = client.drain(50ms, asio::use_future);
    fixture.run_dry();
    drained.get();
    again.get();
    CHECK(steady_clock::now() - began < 2s);
    for (auto& each : under_way) CHECK(each.get().error() == errc::draining);
}

}
