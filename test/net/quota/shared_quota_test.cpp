#include "net/limited_world.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <random>

// What meets at one token's quota: a bulk and single calls, two clients, calls that give up, a clock that steps.

using namespace std::chrono_literals;
using namespace doks;
using namespace doks::test;
namespace asio = boost::asio;

namespace {

/// Reads a bulk to its end.
struct bulk_reader
{
    explicit bulk_reader(bulk from)
        : stream(std::move(from))
    {
        read();
    }
    void read()
    {
        stream.next([this](const std::exception_ptr& failed, const std::optional<bulk_item>& item) {
            REQUIRE(!failed);
            over = !item;
            if (over) return;
            good += item->outcome.has_value();
            read();
        });
    }
    bulk stream;
    std::size_t good = 0;
    bool over = false;
};

/// A bulk of 2,000 ids at DigitalOcean's limits, and beside it five single calls a minute, at random moments of it.
struct beside_a_bulk
{
    beside_a_bulk(bulk_options how, unsigned seed)
        : with(limits.client())
        , all(with.kubeconfigs(numbered_ids(2000), how))
    {
        std::mt19937 rng(seed);
        for (int i = 0; i < 50; ++i) {
            const auto at = i / 5 * 1min + std::chrono::milliseconds(rng() % 60'000);
            limits.world.time->at(limits.start + at, [this] {
                if (!all.over) calls.emplace_back().start(with, an_id, {.timeout = 800ms});
            });
        }
        limits.world.run([this] { return all.over && std::ranges::all_of(calls, &one_call::done); });
    }
    std::size_t good() const
    {
        std::size_t count = 0;
        for (const auto& each : calls) count += each.outcome->has_value();
        return count;
    }
    limited_world limits{digitalocean_limits()};
    client with;
    bulk_reader all;
    std::deque<one_call> calls;
};

/// A call that may change its mind.
struct fickle_call : one_call
{
    void start(const client& of, std::size_t number)
    {
        const auto done = [this](result<kubeconfig> got) { outcome.emplace(std::move(got)), ++completions; };
        of.try_kubeconfig(numbered_id(number), {.timeout = 24h}, asio::bind_cancellation_slot(stop.slot(), done));
    }
    asio::cancellation_signal stop;
};

/// Two calls that cannot both go now, while the wall clock steps to and fro.
struct stepping_world
{
    stepping_world(core::duration by, const std::string& first_answer, std::vector<rate_window> limits)
        : world([=, this](const seen_request& seen) {
            arrivals.push_back(world.time->steady_now());
            return arrivals.size() == 1 && !first_answer.empty() ? scripted_answer{first_answer} : own_kubeconfig(seen);
        })
    {
        auto config = world.config();
        config.rate_limit = std::move(limits);
        const auto client = world.client(config);
        for (auto& each : calls) each.start(client, an_id, {.timeout = 10min});
        for (const auto& [after, step] : {std::pair(10s, by), std::pair(50s, -2 * by), std::pair(60s, by)})
            world.time->at(world.time->steady_now() + after, [this, by = step] { world.time->step_wall(by); });
        world.run();
        for (const auto& each : calls) CHECK(each.outcome->has_value());
    }
    core::duration waited() const { return arrivals.at(1) - arrivals.at(0); }

    std::vector<core::instant> arrivals;
    std::deque<one_call> calls{2};
    virtual_world world;
};

}

TEST_CASE("single calls with 800 ms to spare succeed beside a bulk of 2,000 ids on their token")
{
    std::size_t calls = 0;
    std::size_t good = 0;
    for (unsigned seed = 1; seed <= 5; ++seed) {
        const beside_a_bulk run({}, seed);
        CHECK(run.all.good == 2000);
        CHECK(run.limits.refused == 0);
        CHECK(run.limits.elapsed() < 9min);
        calls += run.calls.size();
        good += run.good();
    }
    MESSAGE(good << " of " << calls << " single calls succeeded");
    CHECK(calls >= 200);
    CHECK(good * 100 >= calls * 99);
}

TEST_CASE("where a bulk leaves nothing, a single call that fails says what holds the quota and until when")
{
    const beside_a_bulk run({.reserved_slots = 0}, 1);
    CHECK(run.all.good == 2000);
    CHECK(run.limits.refused == 0);
    MESSAGE((run.calls.size() - run.good()) << " of " << run.calls.size() << " single calls found no slot");
    CHECK(run.good() < run.calls.size());
    for (const auto& each : run.calls) {
        CHECK(each.completions == 1);
        if (each.outcome->has_value()) continue;
        const auto why = each.why();
        CHECK(why == condition::throttled);
        CHECK(why.phase() == "quota");
        CHECK(why.stopped_by() == "rate_limited");
        CHECK(why.retry_after() > 0s);
        CHECK(why.retry_after() <= 60s);
        CHECK(why.message().find("250 of 250 requests of the last 1 min") != std::string::npos);
    }
}

TEST_CASE("two clients with one token share its quota, two tokens do not")
{
    for (const auto& [bearer, optimum] : {std::pair("a-token", 3min), std::pair("another-token", 1min)}) {
        CAPTURE(bearer);
        limited_world limits({{50, 1min}});
        const auto first = limits.client();
        const auto second = limits.client(bearer);
        bulk_reader here(first.kubeconfigs(numbered_ids(100), {.reserved_slots = 0}));
        bulk_reader there(second.kubeconfigs(numbered_ids(100), {.reserved_slots = 0}));
        limits.world.run([&] { return here.over && there.over; });
        CHECK(here.good + there.good == 200);
        CHECK(limits.refused == 0);
        CHECK(limits.elapsed() >= optimum);
        CHECK(limits.elapsed() <= optimum * 1.03 + 1s);
    }
}

TEST_CASE("a context that is destroyed gives its slots back to who else has the token")
{
    virtual_world world(own_kubeconfig);
    auto config = world.config();
    config.rate_limit = {{4, 1min}};
    const auto survivor = world.client(config);
    const auto first = fetch(world, survivor);

    // Some of these are under way when their context goes, the others are parked.
    const auto mute =
        std::make_shared<scripted_network>(world.time, world.authority.context(), [](const seen_request&) {
            return scripted_answer{{}, {}, false, false, true};
        });
    auto short_lived = std::make_unique<asio::io_context>();
    std::deque<one_call> lost(8), more(8);
    for (auto& each : lost)
        each.start(client_access::make(short_lived->get_executor(), config, net::io_backends{world.time, mute}), an_id);
    for (int i = 0; i < 100; ++i, short_lived->restart()) short_lived->poll();
    const auto under_way = mute->requests().size();
    CHECK(under_way >= 2);
    CHECK(survivor.rate_limit().in_flight == under_way);
    mute->stop(); // as a context does with what waits for its sockets
    short_lived.reset();
    CHECK(survivor.rate_limit().in_flight == 0);

    for (auto& each : more) each.start(survivor, an_id, {.timeout = 121s});
    world.run();
    for (const auto& each : more) CHECK(each.outcome->has_value());
    for (const auto& each : lost) CHECK(each.completions == 0);
}

TEST_CASE("of 10,000 parked calls a random half is cancelled at once, and the rest go in their order")
{
    constexpr std::size_t count = 10'000;
    virtual_world world(own_kubeconfig);
    auto config = world.config();
    config.rate_limit = {{500, 1min}};
    config.connections = 1; // so that the server sees them in the order of admission
    const auto client = world.client(config);
    bulk_reader first(client.kubeconfigs(numbered_ids(500), {.reserved_slots = 0}));
    world.run([&] { return first.over; });
    const auto settle_without_time = [&] { world.run([&, polls = 0]() mutable { return ++polls > 1; }); };

    std::deque<fickle_call> calls(count);
    for (std::size_t i = 0; i < count; ++i) calls[i].start(client, i);
    settle_without_time();
    CHECK(client.rate_limit().parked == count);
    std::vector<fickle_call*> half;
    for (auto& each : calls) half.push_back(&each);
    std::shuffle(half.begin(), half.end(), std::mt19937(7));
    half.resize(count / 2);
    for (auto* each : half) each->stop.emit(asio::cancellation_type::terminal);
    settle_without_time();
    CHECK(client.rate_limit().parked == count / 2);
    for (const auto* each : half) CHECK(each->why() == condition::cancelled);

    world.run();
    CHECK(client.rate_limit().parked == 0);
    auto next = world.network->requests().begin() + 500;
    for (std::size_t i = 0; i < count; ++i) {
        CHECK(calls[i].completions == 1);
        if (calls[i].outcome->has_value()) CHECK(id_in((next++)->target()) == numbered_id(i));
    }
    CHECK(next == world.network->requests().end());
    CHECK(world.network->requests().size() == 500 + count / 2);
}

TEST_CASE("a wall clock that steps by an hour either way while calls are parked moves nothing")
{
    // The server's own clock is right: its reset is 90 s after its Date.
    const auto until_reset = http_answer(429, "{}",
        "ratelimit-limit: 5000\r\nratelimit-remaining: 0\r\nratelimit-reset: 1700000090\r\n"
        "Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n");
    for (const core::duration step : {0h, 1h, -1h}) {
        CAPTURE(step.count());
        CHECK(stepping_world(step, {}, {{1, 90s}}).waited() == 90s);
        // After a refusal a twentieth more is drawn, and up to a fifth of the shortest window where others use the token.
        const auto hint = stepping_world(step, http_answer(429, "{}", "Retry-After: 90\r\n"), {{250, 1min}}).waited();
        CHECK(hint >= 90s);
        CHECK(hint <= 90s * 1.05);
        const auto reset = stepping_world(step, until_reset, digitalocean_limits()).waited();
        CHECK(reset >= 90s);
        CHECK(reset <= 91s * 1.05 + 12s);
    }
}
