#include "api/send.hpp"

#include <algorithm>

namespace doks::api {

/// Values of the client's policy replace the defaults, the call's options replace both, and of two timeouts the shorter one
/// counts. The client's default timeout applies unless the policy bounds the whole call.
net::request_spec bounded(
    const client_state& from, net::request_spec spec, const call_options& options, const request_terms& terms)
{
    constexpr auto none = (core::duration::max)();
    const auto& limits = from.transport->timeouts();
    auto& policy = spec.policy;
    if (terms.retry)
        policy.retry = *terms.retry;
    else
        policy.retry.attempts = from.attempts;
    if (from.own_policy_values) {
        const bool is_bulk = policy.retry.is_bulk;
        policy = from.own_policy_values->policy;
        policy.retry.is_bulk = is_bulk;
        spec.budget = from.own_policy_values->budget;
    }
    if (from.own_policy) policy.attempt = from.own_policy->attempt_bound();
    if (policy.attempt == none) policy.attempt = limits.attempt;
    const bool ends_itself = policy.timeout != none || (from.own_policy && from.own_policy->has_timeout());
    if (options.timeout > core::duration::zero())
        policy.timeout = (std::min)(policy.timeout, options.timeout);
    else if (!ends_itself)
        policy.timeout = limits.call;
    policy.deadline = options.deadline;
    spec.priority = terms.priority;
    spec.reserved_slots = terms.reserved_slots;
    return spec;
}

core::duration total_timeout(const client_state& from, const call_options& options)
{
    return bounded(from, net::request_spec(), options).policy.timeout;
}

bool has_policy_coroutines(const client_state& from) noexcept { return from.own_policy != nullptr; }

}
