#include "net/call_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>

#include <doctest/doctest.h>

#include <list>

// The pool under a client: sessions, warm-up, refused dials, against a scripted server in virtual time.

using namespace std::chrono_literals;
using namespace doks;
using namespace doks::test;

namespace {

/// One call after the other, each on a connection of its own.
void call_and_close(virtual_world& world, const client& with, int times, core::duration pause = {})
{
    for (int i = 0; i < times; ++i) {
        const auto call = fetch(world, with);
        REQUIRE(call.outcome->has_value());
        world.network->close_all();
        if (pause > core::duration::zero()) world.run_for(pause);
    }
}

}

TEST_CASE("a new connection resumes the TLS session of an earlier one, each ticket once")
{
    virtual_world world(own_kubeconfig);
    const auto client = world.client(world.config());
    call_and_close(world, client, 20);
    const auto seen = client.connections();
    CHECK(seen.opened == 20);
    CHECK(seen.resumed == 19);
    CHECK(seen.requests >= 20);
}

TEST_CASE("sessions are not resumed where that is switched off, nor by another client")
{
    virtual_world world(own_kubeconfig);
    auto config = world.config();
    const auto other = world.client(config);
    config.tls.resume_sessions = false;
    const auto client = world.client(config);
    call_and_close(world, client, 5);
    CHECK(client.connections().resumed == 0);
    call_and_close(world, other, 1);
    CHECK(other.connections().resumed == 0);
}

TEST_CASE("a chain of resumed sessions ends where the certificate was verified a connection's life ago")
{
    virtual_world world(own_kubeconfig);
    auto config = world.config();
    config.timeouts.connection_life = 1h;
    const auto client = world.client(config);
    call_and_close(world, client, 13, 10min);
    const auto seen = client.connections();
    CHECK(seen.opened == 13);
    CHECK(seen.resumed == 10); // 10 to 50 minutes after the full handshakes at 0 and 60
}

TEST_CASE("an origin that refuses connections is asked once at a time, and everybody who waits learns of it")
{
    virtual_world world(own_kubeconfig);
    world.network->refuse_dials(boost::asio::error::connection_refused);
    auto config = world.config();
    config.attempts = 1;
    config.rate_limit.clear();
    const auto client = world.client(config);
    std::list<one_call> calls(1000);
    for (auto& each : calls) each.start(client);
    world.run();
    for (auto& each : calls) {
        REQUIRE(each.completions == 1);
        CHECK(each.why().code() == boost::asio::error::connection_refused);
    }
    CHECK(world.network->dials() <= 64 + 1);
    const auto at_first = world.network->dials();
    for (int i = 0; i < 20; ++i) {
        const auto call = fetch(world, client);
        CHECK(call.why() == condition::unreachable);
    }
    CHECK(world.network->dials() == at_first + 20);
    const auto begun = world.time->steady_now();
    world.network->refuse_dials({});
    const auto call = fetch(world, client);
    REQUIRE(call.outcome->has_value());
    CHECK(world.time->steady_now() - begun <= 5s);
    CHECK(client.connections().failed == at_first + 20);
}

TEST_CASE("connections that are opened ahead serve the calls that follow")
{
    virtual_world world(own_kubeconfig);
    auto config = world.config();
    config.connections = 8;
    const auto client = world.client(config);
    std::size_t ready = 0;
    client.warm_up(5, [&](std::size_t count) { ready = count; });
    world.run([&] { return ready != 0; });
    CHECK(ready == 5);
    CHECK(client.connections().idle == 5);
    std::list<one_call> calls(5);
    for (auto& each : calls) each.start(client);
    world.run([&] { return calls.back().done(); });
    CHECK(world.network->dials() == 5);

    ready = 0;
    client.warm_up(100, [&](std::size_t count) { ready = count; });
    world.run([&] { return ready != 0; });
    CHECK(ready == 8);
    CHECK(world.network->dials() == 8);
}

TEST_CASE("opening ahead ends where nothing can be reached, and where it is cancelled")
{
    virtual_world world(own_kubeconfig);
    world.network->refuse_dials(boost::asio::error::connection_refused);
    const auto client = world.client(world.config());
    std::size_t ready = 7;
    client.warm_up(3, [&](std::size_t count) { ready = count; });
    world.run();
    CHECK(ready == 0);

    world.network->refuse_dials({});
    world.network->slow_dials(1s);
    boost::asio::cancellation_signal signal;
    ready = 7;
    client.warm_up(3, boost::asio::bind_cancellation_slot(signal.slot(), [&](std::size_t count) { ready = count; }));
    world.run_for(100ms);
    CHECK(ready == 7);
    signal.emit(boost::asio::cancellation_type::total);
    world.run();
    CHECK(ready == 0);
}

TEST_CASE("once an origin can be reached again, everybody who waits gets a connection, not only the first")
{
    virtual_world world([](const seen_request& seen) {
        auto answer = own_kubeconfig(seen);
        answer.delay = 8s;
        return answer;
    });
    world.network->refuse_dials(boost::asio::error::connection_refused);
    const auto client = world.client(world.config());
    const auto refused = fetch(world, client, an_id, {.timeout = 1ms});
    world.network->refuse_dials({});
    const auto begun = world.time->steady_now();
    std::size_t ready = 0;
    client.warm_up(8, [&](std::size_t count) { ready = count; });
    world.run([&] { return ready != 0; });
    CHECK(ready == 8);
    CHECK(world.time->steady_now() - begun <= 200ms);
}

TEST_CASE("nothing is left to be done during a pause without a waiter")
{
    virtual_world world(own_kubeconfig);
    world.network->refuse_dials(boost::asio::error::connection_refused);
    auto config = world.config();
    config.attempts = 1;
    const auto client = world.client(config);
    for (int i = 0; i < 6; ++i) {
        const auto call = fetch(world, client);
    }
    const auto brief = fetch(world, client, an_id, {.timeout = 5ms});
    const auto ended = world.time->steady_now();
    world.run();
    CHECK(world.time->steady_now() - ended <= 100ms);
}
