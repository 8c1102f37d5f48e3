#include "api/client_state.hpp"
#include "net/random.hpp"
#include "support/virtual_world.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <functional>

using namespace doks;
using namespace doks::test;

namespace {

/// Pearson's correlation of two streams of draws, drawn in turn.
double correlation(const std::function<double()>& one, const std::function<double()>& other, int draws)
{
    double sum = 0;
    double squares_of_one = 0;
    double squares_of_other = 0;
    for (int i = 0; i < draws; ++i) {
        const double a = one() - 0.5;
        const double b = other() - 0.5;
        sum += a * b;
        squares_of_one += a * a;
        squares_of_other += b * b;
    }
    return sum / std::sqrt(squares_of_one * squares_of_other);
}

}

TEST_CASE("two clients draw their jitter independently of one another, and so do two runs of a policy")
{
    constexpr int draws = 100'000;
    constexpr double five_sigma = 5 / 316.0; // of independent streams: 1 / sqrt(draws)
    virtual_world world([](const seen_request&) { return scripted_answer(); });
    const auto config = world.config();
    const auto first = world.client(config), second = world.client(config);
    const auto stream = [](const client& of) {
        return [&of] { return client_access::state_of(of)->transport->random_unit(); };
    };
    const double clients = correlation(stream(first), stream(second), draws);
    const double runs = correlation(&net::random_unit, &net::random_unit, draws);
    MESSAGE("correlation of " << draws << " draws: two clients " << clients << ", two runs " << runs);
    CHECK(std::abs(clients) < five_sigma);
    CHECK(std::abs(runs) < five_sigma);
}
