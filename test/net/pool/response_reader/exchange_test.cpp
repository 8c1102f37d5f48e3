#include "core/rng.hpp"
#include "fuzz/exchange.hpp"
#include "fuzz/random_choices.hpp"

#include <doctest/doctest.h>

// E2: what the fuzzer does, with random numbers instead of its input.

using namespace doks::test;

TEST_CASE(
    "whatever a server sends in whatever slices, the reader delivers the request's own response as RFC 9112 frames it")
{
    const std::size_t exchanges = core_test::steps(60'000, 3'000'000);
    unsigned long delivered = 0, refused = 0, wrong = 0;
    for (std::size_t seed = 0; seed < exchanges; ++seed) {
        random_choices from(seed);
        exchange one(from);
        const auto what = one.run();
        delivered += one.delivered();
        refused += one.refused();
        if (what.empty()) continue;
        ++wrong;
        CAPTURE(seed);
        FAIL_CHECK(what);
        if (wrong == 10) break;
    }
    MESSAGE(exchanges, " exchanges: ", delivered, " answers delivered, ", refused, " refused, wrong ", wrong);
    CHECK(delivered > exchanges / 2);
    CHECK(refused > exchanges / 4);
}
