#include "core/rng.hpp"
#include "fuzz/config_round_trip.hpp"
#include "fuzz/random_choices.hpp"

#include <doctest/doctest.h>

// The fuzzer's check without the fuzzer.

// H8: what the fuzzer does, with random numbers instead of its input.

using namespace doks::test;

// The fuzzer's own check with a random source, so that it runs with every build.
TEST_CASE("whatever a kubeconfig looks like, libyaml reads the same from it, and an edit can be taken back to the byte")
{
    const std::size_t documents = core_test::steps(10'000, 1'000'000);
    round_trip_counts all;
    unsigned long wrong = 0;
    for (std::size_t seed = 0; seed < documents && wrong < 10; ++seed) {
        random_choices from(seed, 300);
        config_round_trip one(from);
        const auto what = one.run();
        all.accepted += one.counts().accepted;
        all.compared += one.counts().compared;
        all.edited += one.counts().edited;
        all.restored += one.counts().restored;
        if (what.empty()) continue;
        ++wrong;
        CAPTURE(seed);
        CAPTURE(one.text());
        FAIL_CHECK(what);
    }
    MESSAGE(documents << " documents: " << all.accepted << " accepted, " << all.compared
                      << " read the same by libyaml, " << all.edited << " merged into, " << all.restored
                      << " restored to the byte, wrong " << wrong);
    CHECK(all.compared > documents / 10);
    CHECK(all.restored > documents / 20);
}
