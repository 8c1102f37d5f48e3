#include "support/virtual_world.hpp"

#include <boost/asio/steady_timer.hpp>

#include <doctest/doctest.h>

#include <optional>

// Deadlines in each phase of a call, to the millisecond: the clock jumps from event to event.

using namespace std::chrono_literals;

namespace doks::test {

namespace {

/// A call in a world, and when it ended.
struct timed_call
{
    timed_call(virtual_world& in, const client& of, call_options options)
        : world(in)
        , began(in.time->steady_now())
    {
        of.try_kubeconfig(an_id, options, [this](result<kubeconfig> got) {
            outcome.emplace(std::move(got));
            ended = world.time->steady_now();
            ++completions;
        });
    }
    void wait()
    {
        world.run([this] { return completions != 0; });
        REQUIRE(completions == 1);
    }
    failure why() const { return outcome->error(); }

    virtual_world& world;
    core::instant began;
    core::instant ended{};
    std::optional<result<kubeconfig>> outcome;
    unsigned completions = 0;
};

/// The call ended by its deadline, in this phase, and says so.
void check_ended_by(const timed_call& call, core::duration deadline, std::string_view phase)
{
    REQUIRE_FALSE(call.outcome->has_value());
    CHECK(call.why() == condition::timeout);
    CHECK(call.why().phase() == phase);
    CHECK(call.why().why_stopped() == stop_reason::deadline);
    CHECK(call.ended - call.began >= deadline);
    CHECK(call.ended - call.began <= deadline + 5ms);
    CHECK(call.why().elapsed() == call.ended - call.began);
}

/// Connects at once to a server that says nothing.
class mute_dialer final : public net::dialer
{
    struct attempt final : net::dialling
    {
        void discard() noexcept override { abandoned = true; }
        bool abandoned = false;
    };
    struct wire final : net::wire
    {
        transfer try_send(const char*, std::size_t size) override { return {size, {}, false}; }
        transfer try_receive(char*, std::size_t) override { return {0, {}, true}; }
        void wait(direction, std::shared_ptr<waiter> who) override { waiting = std::move(who); }
        void close() noexcept override { waiting.reset(); }
        std::string peer() const override { return "mute"; }
        std::shared_ptr<waiter> waiting;
    };

public:
    std::shared_ptr<net::dialling> dial(
        const net::endpoint&, async::executor on, std::shared_ptr<net::dial_listener> who) override
    {
        auto made = std::make_shared<attempt>();
        boost::asio::post(on, [made, who = std::move(who)] {
            net::dial_listener::ended how;
            how.wire = std::make_unique<wire>();
            if (!made->abandoned) who->dial_ended(std::move(how));
        });
        return made;
    }
};

}

TEST_CASE("a deadline while the token is fetched")
{
    virtual_world world(own_kubeconfig);
    boost::asio::steady_timer never(world.context, (std::chrono::steady_clock::time_point::max)());
    auto how = world.config();
    how.token = token_coroutine([&]() -> boost::asio::awaitable<secret> {
        co_await never.async_wait(boost::asio::use_awaitable);
        co_return secret("late");
    });
    timed_call call(world, world.client(how), {.timeout = 3s});
    call.wait();
    check_ended_by(call, 3s, "token");
}

TEST_CASE("a deadline while quota is waited for says when there is some")
{
    virtual_world world([](const seen_request& seen) { return scripted_answer{own_kubeconfig(seen).bytes, 4s}; });
    auto how = world.config();
    how.rate_limit = {{1, 10s}};
    const auto client = world.client(how);
    timed_call first(world, client, {});
    world.run_for(1s);
    timed_call second(world, client, {.timeout = 12s});
    second.wait();
    REQUIRE(first.completions == 1);
    CHECK(second.why() == condition::throttled);
    CHECK(second.why().phase() == "quota");
    CHECK(second.why().why_stopped() == stop_reason::deadline);
    CHECK(second.ended - second.began >= 12s);
    CHECK(second.ended - second.began <= 12s + 5ms);
    CHECK(second.why().retry_after() == 1s);
    CHECK(*second.why().retry_at() - world.time->wall_now() == 1s);
}

TEST_CASE("a call that cannot have quota before its deadline fails at once, with the time at which it could")
{
    virtual_world world(own_kubeconfig);
    auto how = world.config();
    how.rate_limit = {{2, 1min}, {3, 1h}};
    const auto client = world.client(how);
    for (int i = 0; i < 2; ++i) timed_call(world, client, {}).wait();
    timed_call hasty(world, client, {.timeout = 59s});
    hasty.wait();
    CHECK(hasty.ended == hasty.began);
    CHECK(hasty.why() == errc::quota_exhausted);
    CHECK(hasty.why().retry_after() == 60s);
    CHECK(*hasty.why().retry_at() - world.time->wall_now() == 60s);
    CHECK(hasty.why().attempts() == 0);
    timed_call patient(world, client, {.timeout = 61s});
    patient.wait();
    CHECK(patient.outcome->has_value());
    CHECK(patient.ended - patient.began == 60s);
    timed_call hour(world, client, {.timeout = 30min});
    hour.wait();
    CHECK(hour.ended == hour.began);
    CHECK(hour.why().retry_after() == 59min);
    CHECK(world.network->requests().size() == 3);
}

TEST_CASE("a deadline while all connections are in use")
{
    virtual_world world(silence);
    auto how = world.config();
    how.connections = 1;
    const auto client = world.client(how);
    timed_call first(world, client, {});
    world.run_for(1s);
    timed_call second(world, client, {.timeout = 3s});
    second.wait();
    check_ended_by(second, 3s, "pool");
    CHECK(second.why().attempts() == 0);
}

TEST_CASE("a deadline while a connection is being made, and the connection's own bound")
{
    virtual_world world(own_kubeconfig);
    world.network->slow_dials(1h);
    auto how = world.config();
    how.attempts = 1;
    const auto client = world.client(how);
    timed_call call(world, client, {.timeout = 3s});
    call.wait();
    const bool named = call.why().phase() == "connect" || call.why().phase() == "resolve";
    CHECK(named);
    check_ended_by(call, 3s, call.why().phase());

    timed_call bounded(world, client, {});
    bounded.wait();
    CHECK(bounded.why() == condition::timeout);
    CHECK(bounded.why().why_stopped() == stop_reason::exhausted);
    CHECK(bounded.ended - bounded.began >= 2s);
    CHECK(bounded.ended - bounded.began <= 5s + 5ms);
}

TEST_CASE("a deadline within the TLS handshake, and the handshake's own bound")
{
    virtual_world world(own_kubeconfig);
    auto how = world.config();
    how.attempts = 1;
    const auto mute = std::make_shared<mute_dialer>();
    const auto client = client_access::make(world.context.get_executor(), how, net::io_backends{world.time, mute});
    timed_call call(world, client, {.timeout = 3s});
    call.wait();
    check_ended_by(call, 3s, "tls");

    world.run();
    timed_call bounded(world, client, {});
    bounded.wait();
    CHECK(bounded.why() == condition::timeout);
    CHECK(bounded.why().phase() == "tls");
    CHECK(bounded.why().attempts() == 1);
    CHECK(bounded.ended - bounded.began >= 5s);
    // The connection of the first call has failed just before: the next one is opened after a pause.
    CHECK(bounded.ended - bounded.began <= 5s + 100ms + 5ms);
}

TEST_CASE("a deadline before the first byte, and the first byte's own bound")
{
    virtual_world world(silence);
    auto how = world.config();
    how.attempts = 1;
    const auto client = world.client(how);
    timed_call call(world, client, {.timeout = 3s});
    call.wait();
    check_ended_by(call, 3s, "first byte");

    timed_call bounded(world, client, {});
    bounded.wait();
    CHECK(bounded.why().phase() == "first byte");
    CHECK(bounded.why().why_stopped() == stop_reason::exhausted);
    CHECK(bounded.ended - bounded.began >= 10s);
    CHECK(bounded.ended - bounded.began <= 10s + 5ms);
    CHECK(world.network->dials() == 2);
}

TEST_CASE("a deadline within the body, the bound on a body's silence, and the attempt's on one that drips")
{
    virtual_world world([](const seen_request& seen) {
        auto part = own_kubeconfig(seen);
        part.bytes.resize(part.bytes.size() - 10);
        return part;
    });
    auto how = world.config();
    how.attempts = 1;
    const auto client = world.client(how);
    timed_call call(world, client, {.timeout = 3s});
    call.wait();
    check_ended_by(call, 3s, "body");

    timed_call bounded(world, client, {});
    bounded.wait();
    CHECK(bounded.why().phase() == "body");
    CHECK(bounded.ended - bounded.began >= 5s);
    CHECK(bounded.ended - bounded.began <= 5s + 5ms);

    timed_call dripping(world, client, {});
    for (int i = 0; i < 30; ++i)
        world.time->at(world.time->steady_now() + i * 1s, [&] { world.network->send_unasked("x"); });
    dripping.wait();
    CHECK(dripping.ended - dripping.began <= 15s + 5ms);
}

TEST_CASE("a pause that would outlast the deadline is not begun, and the last cause is the error")
{
    virtual_world world(
        [](const seen_request&) { return scripted_answer{http_answer(503, "{}", "Retry-After: 10\r\n")}; });
    const auto client = world.client(world.config());
    timed_call call(world, client, {.timeout = 9s});
    call.wait();
    CHECK(call.ended == call.began);
    CHECK(call.why().http_status() == 503);
    CHECK(call.why().why_stopped() == stop_reason::deadline);
    CHECK(call.why().attempts() == 1);
    CHECK(call.why().retry_after() == 10s);
}

TEST_CASE("every attempt runs into its bounds and the call ends by its deadline, whatever it is")
{
    for (const core::duration deadline : {core::duration(1ms), core::duration(17ms), core::duration(4999ms),
             core::duration(11s), core::duration(33s), core::duration(60s)}) {
        virtual_world world(silence);
        const auto client = world.client(world.config());
        timed_call call(world, client, {.timeout = deadline});
        call.wait();
        CHECK(call.ended - call.began <= deadline + 5ms);
        CHECK(call.why() == condition::timeout);
        CHECK(call.why().elapsed() == call.ended - call.began);
    }
}

}
