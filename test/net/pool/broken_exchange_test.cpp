#include "net/pool/cut_fixture.hpp"

#include <doctest/doctest.h>

// A2 and A3: connections that end before a response's first byte, and requests that are written in part.

using namespace std::chrono_literals;
using namespace doks;
using namespace doks::test;

namespace {

/// Connections that break within a request or before its response, at every byte.
struct broken_bench : cut_world
{
    /// What a request and its response take on the wire of a connection that has carried one.
    std::size_t request_size()
    {
        warm_up();
        const auto before = wire->sent();
        warm_up();
        return wire->sent() - before;
    }
    /// What a client sends before its first request.
    std::size_t handshake_size()
    {
        renew();
        warm_up();
        const auto first = wire->sent();
        warm_up();
        return first - (wire->sent() - first);
    }
    /// The call whose first exchange broke: again without an attempt where `free`, or else with one.
    void check_again(const one_call& call, const std::string& id, bool free, unsigned sends)
    {
        REQUIRE(call.outcome->has_value());
        const auto& info = (*call.outcome)->info();
        ++cases;
        const bool right = is_own(call, id) && info.resends == (free ? 1 : 0) && info.attempts == (free ? 1 : 2);
        misjudged += !right;
        CHECK(right);
        CHECK(requests_for(id) == sends);
    }
    std::size_t requests_for(const std::string& id) const
    {
        const auto& all = world.network->requests();
        return static_cast<std::size_t>(std::ranges::count_if(
            all, [&](const seen_request& seen) { return seen.target().find(id) != std::string::npos; }));
    }

    unsigned cases = 0;
    unsigned misjudged = 0;
};

}

TEST_CASE("where every connection closes before the first byte, a request is sent once for each attempt and once more")
{
    unsigned most_sends = 0, cases = 0;
    for (const bool orderly : {true, false})
        for (const bool reused : {false, true})
            for (const unsigned attempts : {1U, 2U, 5U}) {
                bool dead = false;
                virtual_world world([&](const seen_request& seen) {
                    return dead ? scripted_answer{{}, {}, orderly, !orderly} : own_kubeconfig(seen);
                });
                auto how = world.config();
                how.attempts = attempts;
                const auto client = world.client(how);
                one_call first, call;
                if (reused) {
                    first.start(client);
                    world.run([&] { return first.done(); });
                }
                dead = true;
                const auto before = world.network->requests().size();
                call.start(client);
                world.run([&] { return call.done(); });
                const auto sends = static_cast<unsigned>(world.network->requests().size() - before);
                CHECK(call.why() == condition::transient);
                CHECK((!orderly || call.why() == errc::closed_before_response));
                CHECK(call.why().why_stopped() == stop_reason::exhausted);
                CHECK(call.why().attempts() == attempts);
                CHECK(call.why().info().resends == (reused ? 1 : 0));
                CHECK(sends == attempts + (reused ? 1 : 0));
                most_sends = (std::max)(most_sends, sends);
                ++cases;
            }
    MESSAGE(cases, " cases, with 5 attempts at most ", most_sends, " sends");
    CHECK(most_sends == 6);
}

TEST_CASE("a request that is written in part and then reset is classified alike at every byte")
{
    broken_bench bench;
    const std::size_t request = bench.request_size(), handshake = bench.handshake_size();
    for (const bool reused : {true, false})
        for (std::size_t written = 0; written < request; ++written) {
            CAPTURE(reused);
            CAPTURE(written);
            if (!reused) {
                bench.renew();
                bench.wire->after_sent_next(handshake + written);
            } else {
                bench.warm_up();
                bench.wire->after_sent(written);
            }
            const auto id = bench.next_id();
            bench.check_again(bench.fetch(*bench.line, id), id, reused, 1);
        }
    MESSAGE(bench.cases, " requests of ", request, " bytes written in part, misjudged ", bench.misjudged);
    CHECK(bench.misjudged == 0);
}

TEST_CASE("a reset behind the request is free on a used connection only, and behind the first byte of a response never")
{
    broken_bench bench;
    for (int round = 0; round < 50; ++round)
        for (const bool reused : {true, false})
            for (const std::size_t bytes : {0U, 1U, 2U, 17U}) {
                CAPTURE(reused);
                CAPTURE(bytes);
                bench.renew();
                if (reused) bench.warm_up();
                const auto id = bench.next_id();
                bench.plans[id] = {http_answer(200, planned_world::own(id)).substr(0, bytes), {}, false, true};
                const auto call = bench.fetch(*bench.line, id);
                bench.check_again(call, id, reused && bytes == 0, 2);
                CHECK(bench.causes.size() == 1);
                CHECK(bench.causes.front() == condition::transient);
                if (bytes != 0) CHECK(bench.causes.front() == errc::truncated);
                bench.causes.clear();
            }
    MESSAGE(bench.cases, " resets, misjudged ", bench.misjudged);
    CHECK(bench.misjudged == 0);
}
