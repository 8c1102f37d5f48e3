#include "net/call_fixture.hpp"

#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <list>
#include <map>
#include <variant>

// How old connections get: a client against a scripted server, on a clock that also sleeps.

using namespace std::chrono_literals;
using namespace doks;
using namespace doks::test;

namespace {

/// How old each connection is, and for how long it idled, whenever a request goes out on it; by boot time.
struct age_watch
{
    void operator()(const event& what)
    {
        const auto now = time->boot_now();
        if (const auto* opened = std::get_if<connection_opened>(&what))
            born[opened->connection] = used[opened->connection] = now;
        if (const auto* sent = std::get_if<request_sent>(&what)) {
            oldest = (std::max)(oldest, now - born[sent->connection]);
            longest_idle = (std::max)(longest_idle, now - used[sent->connection]);
            used[sent->connection] = now;
            ++uses;
        }
    }

    std::shared_ptr<manual_clock> time;
    std::map<std::uint64_t, core::instant> born, used;
    core::duration oldest{}, longest_idle{};
    std::size_t uses = 0;
};

/// Bursts of calls, with pauses and sleeps of random length between them.
void live_irregularly(virtual_world& world, const client& client, core_test::rng& rng, std::size_t steps)
{
    for (; steps != 0; --steps) {
        std::list<one_call> calls(1 + rng.below(4));
        for (auto& each : calls) each.start(client);
        world.run([&] { return std::ranges::all_of(calls, &one_call::done); });
        for (auto& each : calls) REQUIRE((each.outcome->has_value() && (*each.outcome)->info().attempts == 1));
        if (rng.chance(0.1))
            world.time->sleep(rng.between<core::duration>(0s, 2h));
        else
            world.run_for(rng.between<core::duration>(0s, rng.chance(0.5) ? core::duration(60s) : 2s));
    }
}

}

TEST_CASE("no connection is used beyond its idle limit or its life, whether the machine sleeps or not")
{
    for (const core::duration life : {core::duration(1h), core::duration(20s), core::duration(5min)}) {
        virtual_world world(own_kubeconfig);
        const auto watch = std::make_shared<age_watch>();
        watch->time = world.time;
        auto config = world.config();
        config.rate_limit.clear();
        config.timeouts.keep_alive = 50s;
        config.timeouts.connection_life = life;
        config.observer = [watch](const event& what) { (*watch)(what); };
        const auto client = world.client(config);
        core_test::rng rng(7);
        live_irregularly(world, client, rng, core_test::steps(1'000, 20'000));
        world.run();
        const auto seconds = [](core::duration of) { return std::chrono::duration<double>(of).count(); };
        MESSAGE(watch->uses, " uses of ", watch->born.size(), " connections that live ", seconds(life),
            " s: the oldest was ", seconds(watch->oldest), " s old, the longest idle one ",
            seconds(watch->longest_idle), " s");
        CHECK(watch->oldest <= life);
        CHECK(watch->longest_idle <= 50s);
        CHECK(watch->born.size() < watch->uses);
    }
}
