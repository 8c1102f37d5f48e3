#include "async/random.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <functional>

// The random numbers of lib/async, drawn by two callers.

using namespace doks;

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

TEST_CASE("two callers draw their jitter independently of one another")
{
    constexpr int draws = 100'000;
    constexpr double five_sigma = 5 / 316.0; // of independent streams: 1 / sqrt(draws)
    const double found = correlation(&async::random_unit, &async::random_unit, draws);
    MESSAGE("correlation of " << draws << " draws: " << found);
    CHECK(std::abs(found) < five_sigma);
}
