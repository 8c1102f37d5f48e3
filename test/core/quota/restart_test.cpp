#include "core/quota/virtual_token.hpp"

#include <doctest/doctest.h>

#include <algorithm>

// A process that was killed and starts again with an empty limiter, against a simulated token.

using namespace std::chrono_literals;
using namespace core_test;

namespace {

constexpr std::size_t ids = 1'000;

/// A bulk that is killed at some moment, its requests on the wire included, and started again cold some time after.
bulk_process restarted(virtual_token& token, std::uint64_t seed)
{
    core_test::rng rng(seed);
    bulk_process first(token, seed, 5'000, start);
    const instant killed = start + rng.between(duration(100ms), duration(25min));
    first.run(killed);
    bulk_process second(
        token, ~seed, ids, killed + rng.between(duration(500ms), duration(rng.chance(0.5) ? 5s : 2min)));
    second.run();
    return second;
}

}

TEST_CASE("a process that was killed in mid-window and starts again cold is refused once at most")
{
    std::size_t runs = 0, refused = 0, most = 0;
    for (const auto rules : every_server)
        for (std::uint64_t seed = 1; seed <= steps(10, 500); ++seed, ++runs) {
            CAPTURE(rules.sliding);
            CAPTURE(rules.refusals_count);
            CAPTURE(seed);
            virtual_token token(rules, core_test::rng(seed).between(duration(0), duration(1h)));
            const auto second = restarted(token, seed);
            CHECK(second.refused <= 1);
            REQUIRE(second.sent == ids + second.refused);
            refused += second.refused;
            most = std::max(most, second.refused);
        }
    MESSAGE(runs << " restarts: " << refused << " refusals, " << most << " at most in one");
}
