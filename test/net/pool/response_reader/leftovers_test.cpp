#include "core/rng.hpp"
#include "net/planned_world.hpp"

#include <doctest/doctest.h>

// A5: bytes that no request asked for, and the request behind them.

using namespace std::chrono_literals;
using namespace doks;
using namespace doks::test;

namespace {

/// Stray bytes on a connection, and the next request on it.
struct leftovers_bench : planned_world
{
    client_config config_of_two_attempts() const
    {
        auto how = config();
        how.attempts = 2;
        return how;
    }
    /// What a server could leave behind for `next`: the worst is a response that would be right for it.
    std::string stray(std::size_t kind, const std::string& next)
    {
        const auto whole = http_answer(200, external(next));
        switch (kind) {
        case 0:
            return whole;
        case 1:
            return "\n";
        case 2:
            return whole.substr(0, whole.size() / 2);
        case 3:
            return http_answer(200, external(next_id()));
        default:
            return "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
        }
    }
    void check_next(const std::string& next)
    {
        const auto call = fetch(line, next);
        cross_wired += call.outcome->has_value() && !is_own(call, next);
        CHECK(is_own(call, next));
        ++cases;
    }

    client line = world.client(config_of_two_attempts());
    unsigned cases = 0;
    unsigned cross_wired = 0;
};

constexpr std::size_t kinds = 5;
std::size_t rounds() { return core_test::steps(100, 1'000); }

void report(const std::string& what, const leftovers_bench& bench)
{
    MESSAGE(what, ": ", bench.cases, " cases, cross-wired ", bench.cross_wired);
    CHECK(bench.cross_wired == 0);
}

}

TEST_CASE("bytes glued to a response never reach the next request")
{
    leftovers_bench bench;
    for (std::size_t i = 0; i < rounds() * kinds; ++i) {
        const auto id = bench.next_id(), next = bench.next_id();
        const auto stray = bench.stray(i % kinds, next);
        const auto answer = http_answer(200, planned_world::own(id));
        if (i / kinds % 2 == 0)
            bench.plans[id] = {answer + stray};
        else
            bench.plans[id].bytes = answer, bench.plans[id].behind = stray;
        CHECK(bench.is_own(bench.fetch(bench.line, id), id));
        bench.check_next(next);
    }
    report("glued on", bench);
}

TEST_CASE(
    "bytes that come a millisecond after a response, or whenever the connection idles, are found before it is used")
{
    leftovers_bench bench;
    for (std::size_t i = 0; i < rounds() * kinds; ++i) {
        const auto id = bench.next_id(), next = bench.next_id();
        const auto stray = bench.stray(i % kinds, next);
        CHECK(bench.is_own(bench.fetch(bench.line, id), id));
        const auto dials = bench.world.network->dials();
        if (i / kinds % 2 == 0) bench.world.run_for(1ms);
        bench.world.network->send_unasked(stray);
        bench.check_next(next);
        CHECK(bench.world.network->dials() == dials + 1);
    }
    report("while idle", bench);
}

TEST_CASE("bytes behind a response never reach the request that waits for its connection")
{
    leftovers_bench bench;
    for (std::size_t i = 0; i < rounds() * kinds; ++i) {
        const auto id = bench.next_id(), next = bench.next_id();
        auto& plan = bench.plans[id];
        plan.bytes = http_answer(200, planned_world::own(id));
        plan.behind = bench.stray(i % kinds, next);
        one_call first;
        first.start(bench.line, id);
        bench.check_next(next);
        CHECK(bench.is_own(first, id));
    }
    report("for one who waits", bench);
}

TEST_CASE("a response on a connection that has asked nothing yet is not a response")
{
    unsigned cases = 0, cross_wired = 0;
    for (std::size_t i = 0; i < rounds(); ++i) {
        leftovers_bench bench;
        const auto next = bench.next_id();
        std::size_t ready = 0;
        bench.line.warm_up(1, [&](std::size_t count) { ready = count; });
        bench.world.run([&] { return ready == 1; });
        bench.world.network->send_unasked(bench.stray(i % kinds, next));
        bench.check_next(next);
        CHECK(bench.world.network->dials() == 2);
        cross_wired += bench.cross_wired;
        ++cases;
    }
    MESSAGE("before the request: ", cases, " cases, cross-wired ", cross_wired);
    CHECK(cross_wired == 0);
}
