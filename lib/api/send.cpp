#include "api/send.hpp"

#include <algorithm>

namespace doks::api {

net::call_plan bounded(
    const client_state& from, net::call_plan plan, const call_options& options, const request_terms& terms)
{
    constexpr auto none = (core::duration::max)();
    const auto& limits = from.transport->timeouts();
    auto& around = plan.around;
    if (terms.retry)
        around.retry = *terms.retry;
    else
        around.retry.attempts = from.attempts;
    if (from.own_plan) {
        const bool is_bulk = around.retry.is_bulk;
        around = from.own_plan->plan;
        around.retry.is_bulk = is_bulk;
        plan.budget = from.own_plan->budget;
    }
    if (from.own_policy) around.attempt = from.own_policy->attempt_bound();
    if (around.attempt == none) around.attempt = limits.attempt;
    const bool ends_itself = around.within != none || (from.own_policy && from.own_policy->has_deadline());
    if (options.within > core::duration::zero())
        around.within = (std::min)(around.within, options.within);
    else if (!ends_itself)
        around.within = limits.call;
    around.by = options.by;
    plan.lane = terms.lane;
    plan.leave = terms.leave;
    return plan;
}

core::duration total_timeout(const client_state& from, const call_options& options)
{
    return bounded(from, net::call_plan(), options).around.within;
}

bool has_policy_coroutines(const client_state& from) noexcept { return from.own_policy != nullptr; }

}
