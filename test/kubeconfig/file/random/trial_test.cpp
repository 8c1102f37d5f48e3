#include "core/rng.hpp"
#include "fuzz/config_trial.hpp"

#include <doctest/doctest.h>

// The fuzzer's check without the fuzzer.

// H8: what the fuzzer does, with dice instead of its input.

using namespace doks::test;

namespace {

class thrown final : public choices
{
public:
    explicit thrown(std::uint64_t seed)
        : dice_(seed)
        , left_(dice_.below(300))
    {}
    std::size_t below(std::size_t bound) override
    {
        left_ -= left_ == 0 ? 0 : 1;
        return dice_.below(bound);
    }
    bool spent() const override { return left_ == 0; }

private:
    core_test::dice dice_;
    std::size_t left_;
};

}

// The fuzzer's own check with a random source, so that it runs with every build.
TEST_CASE("whatever a kubeconfig looks like, libyaml reads the same from it, and an edit can be taken back to the byte")
{
    const std::size_t trials = core_test::steps(10'000, 1'000'000);
    trial_counts all;
    unsigned long wrong = 0;
    for (std::size_t seed = 0; seed < trials && wrong < 10; ++seed) {
        thrown from(seed);
        config_trial one(from);
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
    MESSAGE(trials << " documents: " << all.accepted << " accepted, " << all.compared << " read the same by libyaml, "
                   << all.edited << " merged into, " << all.restored << " restored to the byte, wrong " << wrong);
    CHECK(all.compared > trials / 10);
    CHECK(all.restored > trials / 20);
}
