#include "core/retry/retry.hpp"

#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

// Pauses between attempts: their bounds, and their distribution against the uniform one by Kolmogorov and Smirnov.

using namespace std::chrono_literals;
using namespace doks::core;
using std::chrono::seconds;

namespace {

constexpr wall_time wall = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24);

/// What a refusal says of the time to wait.
response_hints hints(std::optional<seconds> retry_after, std::optional<seconds> reset_in, std::optional<wall_time> date)
{
    response_hints given;
    given.retry_after = retry_after;
    if (reset_in) given.rate_limit.reset = date.value_or(wall) + *reset_in;
    given.date = date;
    return given;
}

/// The largest distance between the draws' distribution and the uniform one on [0, bound).
double distance_to_uniform(std::vector<double> draws, double bound)
{
    std::sort(draws.begin(), draws.end());
    const auto count = static_cast<double>(draws.size());
    double largest = 0;
    for (std::size_t i = 0; i < draws.size(); ++i) {
        const double uniform = draws[i] / bound;
        largest = std::max({largest, std::abs(static_cast<double>(i + 1) / count - uniform),
            std::abs(uniform - static_cast<double>(i) / count)});
    }
    return largest;
}

/// How likely draws of a uniform distribution are at least so far away (Kolmogorov's distribution).
double likelihood(double scaled_distance)
{
    double sum = 0;
    for (int k = 1; k <= 100; ++k)
        sum += (k % 2 == 1 ? 2 : -2) * std::exp(-2 * k * k * scaled_distance * scaled_distance);
    return std::clamp(sum, 0.0, 1.0);
}

}

TEST_CASE("Kolmogorov's distribution is what tables say")
{
    CHECK(likelihood(1.628) == doctest::Approx(0.01).epsilon(0.01));
    CHECK(likelihood(1.358) == doctest::Approx(0.05).epsilon(0.01));
    CHECK(likelihood(0.828) == doctest::Approx(0.5).epsilon(0.01));
}

TEST_CASE("full jitter stays between zero and the doubled base, at most the cap")
{
    CHECK(full_jitter(100ms, 20s, 1, 0.0) == 0s);
    CHECK(full_jitter(100ms, 20s, 1, 0.5) == 50ms);
    CHECK(full_jitter(100ms, 20s, 4, 0.5) == 400ms);
    CHECK(full_jitter(100ms, 20s, 8, 0.5) == 6400ms);
    CHECK(full_jitter(100ms, 20s, 9, 0.5) == 10s);
    CHECK(full_jitter(100ms, 20s, 0, 0.5) == 50ms);
    CHECK(full_jitter(0s, 20s, 9, 0.9) == 0s);
    CHECK(full_jitter(100ms, 0s, 9, 0.9) == 0s);
    CHECK(full_jitter(1h, 20s, 1, 0.5) == 10s);
}

TEST_CASE("no attempt and no base makes full jitter leave its bounds")
{
    constexpr double nearly_one = 0.99999999999999989;
    for (const duration base :
        {duration(1), duration(1ms), duration(1s), duration(3h), duration(24h * 365), duration::max()})
        for (const duration cap : {duration(1), duration(20s), duration(24h * 365)})
            for (unsigned attempt : {0U, 1U, 2U, 20U, 21U, 22U, 63U, 64U, 65U, UINT32_MAX})
                for (double unit : {0.0, 0.25, nearly_one}) {
                    const auto pause = full_jitter(base, cap, attempt, unit);
                    REQUIRE(pause >= 0s);
                    REQUIRE(pause <= cap);
                }
}

TEST_CASE("full jitter is uniform at every attempt (Kolmogorov and Smirnov, p > 0.01)")
{
    core_test::rng rng(7);
    const std::size_t draws = 100'000;
    double least = 1;
    for (unsigned attempt = 1; attempt <= 10; ++attempt) {
        std::vector<double> pauses(draws);
        for (auto& pause : pauses)
            pause = std::chrono::duration<double>(full_jitter(100ms, 20s, attempt, rng.unit())).count();
        const double bound = std::min(20.0, 0.1 * std::pow(2, attempt - 1));
        const double p =
            likelihood(distance_to_uniform(std::move(pauses), bound) * std::sqrt(static_cast<double>(draws)));
        CAPTURE(attempt);
        CHECK(p > 0.01);
        least = std::min(least, p);
    }
    MESSAGE(draws << " draws for each attempt, p at least " << least);
}

TEST_CASE("the wait after a 429 is what the server says: Retry-After first, then the reset by the server's own clock")
{
    const auto wait = [](const response_hints& given, wall_time now = wall) {
        return wait_after_refusal(given, now, 0, 0.0);
    };
    CHECK(wait(hints(30s, {}, {})) == 30s);
    CHECK(wait(hints(30s, 2000s, wall)) == 30s);
    CHECK(wait(hints(3601s, {}, {})) == 1h);
    CHECK(wait(hints(5'000'000'000s, {}, {})) == 1h);
    CHECK(wait(hints({}, 2000s, wall)) == 2001s);
    CHECK(wait(hints({}, 2000s, {})) == 2001s);
    CHECK(wait(hints({}, 3599s, wall)) == 1h);
    CHECK(wait(hints({}, 24h * 3650, wall)) == 1h);
    for (const auto skew : {-48h, -1h, 1h, 48h}) CHECK(wait(hints({}, 2000s, wall), wall + skew) == 2001s);
}

TEST_CASE("where a server names no wait, or one that is over, refusals in a row lengthen it up to a minute")
{
    const seconds grown[] = {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s};
    for (const auto& silent : {hints({}, {}, {}), hints({}, {}, wall), hints(0s, {}, {}), hints(0s, 2000s, wall),
             hints({}, -1s, wall), hints({}, -1000s, wall), hints({}, -1000s, {})}) {
        for (unsigned refusals = 0; refusals < 8; ++refusals)
            CHECK(wait_after_refusal(silent, wall, refusals, 0.0) == grown[refusals]);
        CHECK(wait_after_refusal(silent, wall, UINT32_MAX, 0.0) == 60s);
    }
}

TEST_CASE("a wait that the server named does not grow with the refusals")
{
    for (unsigned refusals : {0U, 1U, 5U, 1000U}) {
        CHECK(wait_after_refusal(hints(30s, {}, {}), wall, refusals, 0.0) == 30s);
        CHECK(wait_after_refusal(hints({}, 2000s, wall), wall, refusals, 0.0) == 2001s);
    }
}

TEST_CASE("jitter adds a twentieth and ten seconds at most, and never takes away")
{
    core_test::rng rng(8);
    for (int i = 0; i < 2'000; ++i) {
        const auto named = rng.between(1s, 3600s);
        const auto wait = wait_after_refusal(hints(named, {}, {}), wall, 0, rng.unit());
        REQUIRE(wait >= named);
        REQUIRE(wait <= named + std::min<duration>(duration(named) / 20, 10s));
    }
    CHECK(wait_after_refusal(hints(100s, {}, {}), wall, 0, 0.5) == 102500ms);
    CHECK(wait_after_refusal(hints(3600s, {}, {}), wall, 0, 0.5) == 3605s);
}
