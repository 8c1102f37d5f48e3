#pragma once

#include "core/retry/retry.hpp"

#include "core/retry/outcomes.hpp"

// One decision of the retry policy, with every input at a default that a test can change.

namespace core_test {

inline const doks::core::instant start{std::chrono::hours(1000)};

/// What a call stands at when an attempt of it ends; by default its first one, without a deadline.
struct retry_fixture
{
    doks::core::retry_state used{1};
    doks::core::retry_rules rules{};
    doks::core::instant deadline = doks::core::never;
    double unit = 0.5;
    doks::core::retry_budget budget{};

    doks::core::decision after(const outcome& ended, doks::core::instant now = start)
    {
        return decide(ended, used, rules, budget, now, deadline, unit);
    }
    int spent() const { return doks::core::retry_budget::capacity - budget.tokens(); }
};

inline void drain(doks::core::retry_budget& budget)
{
    while (budget.withdraw()) {
    }
}

}
