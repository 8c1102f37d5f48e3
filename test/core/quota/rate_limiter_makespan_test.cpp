#include "core/quota/limiters.hpp"
#include "core/quota/reference_server.hpp"
#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <queue>
#include <tuple>
#include <utility>

// A whole bulk through the limiter against reference_server: how long it takes, and that nothing is refused.

using namespace std::chrono_literals;
using namespace core_test;
using doks::core::never;

namespace {

constexpr duration shortest_leg = 20ms, longest_leg = 200ms;

/// A request that travels: first it arrives, then its response does.
struct journey
{
    instant at;
    std::uint64_t order;
    rate_limiter::ticket ticket;
    bool answered = false;
    bool refused = false;
    unsigned refusals_before = 0;

    bool operator>(const journey& other) const { return std::tie(at, order) > std::tie(other.at, other.order); }
};

/// A bulk with a limiter of its own, against a server.
struct bulk
{
    bulk(server_rules rules, std::uint64_t seed)
        : rng(seed)
        , server(doks::digitalocean_limits(), rules, rng.between(duration(0), duration(1h)))
    {}

    void run(std::size_t ids)
    {
        pending = ids;
        while (pending != 0 || !roads.empty()) {
            while (pending != 0 && roads.size() < connections && send()) {
            }
            const instant road = roads.empty() ? never : roads.top().at;
            const instant slot = pending != 0 && roads.size() < connections ? limiter.next(now) : never;
            const instant before = std::exchange(now, slot > now ? std::min(road, slot) : road);
            REQUIRE(now != never);
            REQUIRE(now >= before);
            if (now == road) travel();
        }
    }

    bool send()
    {
        const auto ticket = limiter.reserve(now);
        if (!ticket) return false;
        --pending;
        ++sent;
        if (now < closed_until) ++sent_while_closed;
        roads.push({now + leg(), sent, *ticket, false, false, refusals});
        return true;
    }

    void travel()
    {
        auto one = roads.top();
        roads.pop();
        if (one.answered) return conclude(one);
        one.refused = !server.arrive(now);
        one.answered = true;
        one.at = now + leg();
        roads.push(one);
    }

    void conclude(const journey& one)
    {
        if (!one.refused) {
            last_answer = now;
            return limiter.settle(one.ticket, now);
        }
        ++refusals;
        ++pending;
        closed_until = now + 10s;
        limiter.refuse(one.ticket, now, closed_until);
    }

    duration leg() { return rng.between(shortest_leg, longest_leg); }

    static constexpr std::size_t connections = 64;
    core_test::rng rng;
    reference_server server;
    rate_limiter limiter{doks::digitalocean_limits()};
    std::priority_queue<journey, std::vector<journey>, std::greater<>> roads;
    instant now = start;
    instant last_answer = start;
    instant closed_until{};
    std::size_t pending = 0;
    std::uint64_t sent = 0;
    unsigned refusals = 0;
    unsigned sent_while_closed = 0;
};

/// The shortest time in which sliding windows let so many through, were there no latency.
duration optimum(std::size_t ids)
{
    std::vector<duration> at(ids);
    for (std::size_t i = 0; i < ids; ++i)
        for (const auto& window : doks::digitalocean_limits())
            if (i >= window.limit) at[i] = std::max(at[i], at[i - window.limit] + window.per);
    return at.back();
}

std::size_t windows_passed(std::size_t ids) { return static_cast<std::size_t>(optimum(ids) / 1min) + 1; }

}

TEST_CASE("the sliding optimum is what arithmetic says")
{
    CHECK(optimum(250) == 0s);
    CHECK(optimum(1'000) == 3min);
    CHECK(optimum(5'000) == 19min);
    CHECK(optimum(10'000) == 79min);
}

TEST_CASE(
    "a bulk on an idle token is refused nowhere and hardly slower than the optimum, whatever the server's windows")
{
    for (const auto ids : std::initializer_list<std::size_t>{1'000, 5'000, 10'000})
        for (const auto rules : every_server)
            for (std::uint64_t seed = 1; seed <= steps(1, 20); ++seed) {
                CAPTURE(ids);
                CAPTURE(rules.sliding);
                CAPTURE(rules.refusals_count);
                CAPTURE(seed);
                bulk it(rules, seed);
                it.run(ids);
                CHECK(it.refusals == 0);
                CHECK(it.sent == ids);
                const duration round_trips = 2 * longest_leg * static_cast<int>(windows_passed(ids));
                CHECK(it.last_answer - start <= optimum(ids) * 103 / 100 + round_trips);
                CHECK(it.last_answer - start >= optimum(ids));
            }
}

TEST_CASE("beside others who use the same token, a refusal stops everybody and one probe finds out")
{
    for (const auto rules : every_server) {
        CAPTURE(rules.sliding);
        CAPTURE(rules.refusals_count);
        bulk it(rules, 9);
        for (int i = 0; i < 100; ++i) it.server.arrive(start);
        it.run(1'000);
        CHECK(it.sent == 1'000 + it.refusals);
        CHECK(it.sent_while_closed == 0);
        CHECK(it.refusals > 0);
        CHECK(it.refusals <= 2 * bulk::connections);
        CHECK(it.last_answer - start <= 10min);
    }
}
