#include "core/quota/virtual_token.hpp"

#include <doctest/doctest.h>

#include <algorithm>

// Many requests that meet one refusal, in a bulk against a simulated token.

using namespace std::chrono_literals;
using namespace core_test;

namespace {

/// 64 requests at once into a minute that others used up within its last half: what came of them.
struct refused_burst
{
    refused_burst(server_rules rules, std::uint64_t seed)
        : token(rules, -30s)
        , ours(token, seed, 200, start)
    {
        for (int i = 0; i < 250; ++i) token.arrive(start - 30s + i * 120ms);
        ours.limiter = warmed(doks::digitalocean_limits());
        ours.run(start + 5s);
        closures = ours.limiter.refusals();
        closed_until = *ours.limiter.closed_until();
        ours.run();
    }

    /// Requests in a half-open time.
    std::size_t sent(instant from, instant to) const
    {
        return static_cast<std::size_t>(
            std::count_if(ours.sends.begin(), ours.sends.end(), [&](instant at) { return at > from && at < to; }));
    }
    std::size_t refused_after(instant when) const
    {
        return static_cast<std::size_t>(
            std::count_if(ours.refusals.begin(), ours.refusals.end(), [&](instant at) { return at > when; }));
    }

    virtual_token token;
    bulk_process ours;
    unsigned closures = 0;
    instant closed_until{};
};

}

TEST_CASE(
    "64 requests under way when the first 429 comes are one closure: nothing follows it, then one probe, then the rest")
{
    std::size_t sent_while_closed = 0, refused_again = 0;
    duration soonest = duration::max(), latest{};
    for (const auto rules : every_server)
        for (std::uint64_t seed = 1; seed <= steps(20, 500); ++seed) {
            CAPTURE(rules.sliding);
            CAPTURE(rules.refusals_count);
            CAPTURE(seed);
            refused_burst it(rules, seed);
            const instant first = it.ours.refusals.front();
            REQUIRE(it.sent(start - 1ns, first) == 64);
            REQUIRE(it.closures == 1);
            REQUIRE(it.sent(first, it.closed_until) == 0);
            REQUIRE(it.sent(it.closed_until - 1ns, it.closed_until + 1s) == 1);
            REQUIRE(it.closed_until - first <= 62s);
            REQUIRE(it.ours.sent == 200 + it.ours.refused);
            sent_while_closed += it.sent(first, it.closed_until);
            refused_again = std::max(refused_again, it.refused_after(it.closed_until));
            soonest = std::min(soonest, it.closed_until - first);
            latest = std::max(latest, it.closed_until - first);
        }
    MESSAGE(sent_while_closed << " sent after a 429; at most " << refused_again << " refused again; back between "
                              << std::chrono::duration<double>(soonest).count() << " s and "
                              << std::chrono::duration<double>(latest).count() << " s");
}
