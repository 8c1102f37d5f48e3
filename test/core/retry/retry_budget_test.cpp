#include "core/retry/retry.hpp"

#include "core/retry/outcomes.hpp"
#include "core/rng.hpp"

#include <doctest/doctest.h>

// The retry budget's arithmetic, and the load that it permits while a server fails.

using namespace core_test;
using namespace doks::core;

namespace {

/// The requests that calls took, and the calls that succeeded.
struct load
{
    std::size_t sends = 0;
    std::size_t succeeded = 0;
};

/// Calls one after the other against an API of which a part of the responses is a 503.
load call_many(std::size_t calls, double failing, retry_budget& budget, rng& rng)
{
    load seen;
    for (; calls != 0; --calls) {
        retry_state used;
        for (bool over = false; !over;) {
            ++seen.sends;
            ++used.attempts;
            const auto ended = answered(rng.chance(failing) ? 503 : 200);
            const auto next = decide(ended, used, {}, budget, instant(), never, rng.unit());
            seen.succeeded += next.verdict == verdict::deliver;
            over = next.verdict != verdict::retry;
            used.retried = true;
        }
    }
    return seen;
}

}

TEST_CASE("a full budget pays for 35 retries, and no fraction of one")
{
    retry_budget budget;
    CHECK(budget.tokens() == 500);
    int paid = 0;
    while (budget.withdraw()) ++paid;
    CHECK(paid == 35);
    CHECK(budget.tokens() == 10);
    CHECK_FALSE(budget.withdraw());
    CHECK(budget.tokens() == 10);
}

TEST_CASE("successes earn: one token each, or the last retry's price, and never more than the capacity")
{
    retry_budget budget;
    budget.deposit(false);
    budget.deposit(true);
    CHECK(budget.tokens() == 500);
    while (budget.withdraw()) {
    }
    for (int i = 0; i < 4; ++i) budget.deposit(false);
    CHECK(budget.tokens() == 14);
    CHECK(budget.withdraw());
    CHECK(budget.tokens() == 0);
    budget.deposit(true);
    CHECK(budget.tokens() == 14);
    for (int i = 0; i < 1'000; ++i) budget.deposit(i % 2 == 0);
    CHECK(budget.tokens() == 500);
}

TEST_CASE("a delivered answer is what earns")
{
    retry_budget budget;
    while (budget.withdraw()) {
    }
    const int empty = budget.tokens();
    decide(answered(404), {1}, {}, budget, instant(), never, 0);
    decide(answered(429), {1}, {}, budget, instant(), never, 0);
    decide(answered(401), {1}, {}, budget, instant(), never, 0);
    CHECK(budget.tokens() == empty);
    decide(answered(200), {1}, {}, budget, instant(), never, 0);
    CHECK(budget.tokens() == empty + 1);
    retry_state used{2};
    used.retried = true;
    decide(answered(200), used, {}, budget, instant(), never, 0);
    CHECK(budget.tokens() == empty + 1 + 14);
}

TEST_CASE("an outage multiplies the load by no more than the budget")
{
    retry_budget budget;
    rng rng(5);
    const auto outage = call_many(1'000, 1.0, budget, rng);
    CHECK(outage.succeeded == 0);
    CHECK(outage.sends == 1'000 + 35);
    const auto healed = call_many(490, 0.0, budget, rng);
    CHECK(healed.sends == 490);
    CHECK(budget.tokens() == 500);
}

TEST_CASE("one response in ten missing is made good at a tenth more load")
{
    retry_budget budget;
    rng rng(6);
    const std::size_t calls = steps(50'000, 1'000'000);
    const auto seen = call_many(calls, 0.1, budget, rng);
    CHECK(static_cast<double>(seen.succeeded) >= 0.9999 * static_cast<double>(calls));
    CHECK(static_cast<double>(seen.sends) <= 1.12 * static_cast<double>(calls));
}
