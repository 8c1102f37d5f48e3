#include "api/client_state.hpp"
#include "api/requests.hpp"
#include "net/call/policy_layers.hpp"

#include <doks/impl/client_policy.hpp>

#include <algorithm>
#include <utility>

namespace doks {

namespace {

using impl::policy_layer;
using impl::policy_segment;
using kind = policy_layer::kind;

void require_positive(const char* field, core::duration value)
{
    if (value <= core::duration::zero())
        throw api::invalid_call(field, "it is not above zero", "give a duration above zero");
}

/// A layer joins the segment of the layer before it if one engine can run both: in the order of `kind`, and of one kind
/// only what has a minimum.
bool fits(const std::vector<policy_layer>& layers, std::size_t index)
{
    if (index == 0) return false;
    const kind outer = layers[index - 1].type;
    const kind inner = layers[index].type;
    if (outer == inner) return inner == kind::timeout || inner == kind::attempt_timeout;
    return outer < inner;
}

void put(policy_segment& segment, const policy_layer& layer)
{
    switch (layer.type) {
    case kind::timeout:
        segment.policy.timeout = (std::min)(segment.policy.timeout, layer.bound);
        break;
    case kind::retry:
        segment.policy.retry = layer.rules;
        segment.budget = layer.budget;
        break;
    case kind::attempt_timeout:
        segment.policy.attempt = (std::min)(segment.policy.attempt, layer.bound);
        break;
    case kind::gate:
        segment.gate = layer.gate;
    }
}

bool has_gate(const std::vector<policy_layer>& layers)
{
    return std::any_of(layers.begin(), layers.end(), [](const auto& layer) { return layer.type == kind::gate; });
}

policy_layer bound_layer(kind type, core::duration bound)
{
    policy_layer layer;
    layer.type = type;
    layer.bound = bound;
    return layer;
}

}

/// Puts neighbouring layers into segments. A segment without a `retry` makes one attempt.
policy impl::policy_access::make(std::vector<policy_layer> layers, std::shared_ptr<async::clock> time)
{
    auto made = std::make_shared<policy_layers>();
    const auto add_segment = [&] { made->segments.emplace_back().policy.retry.attempts = 1; };
    if (layers.empty()) add_segment();
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (!fits(layers, i)) add_segment();
        put(made->segments.back(), layers[i]);
    }
    made->layers = std::move(layers);
    made->time = std::move(time);
    return policy(std::move(made));
}

policy operator|(const policy& outer, const policy& inner)
{
    auto layers = outer.layers_->layers;
    layers.insert(layers.end(), inner.layers_->layers.begin(), inner.layers_->layers.end());
    // A gate brings its client's clock.
    const auto& with_clock = has_gate(outer.layers_->layers) ? outer : inner;
    return impl::policy_access::make(std::move(layers), with_clock.layers_->time);
}

policy timeout(std::chrono::steady_clock::duration bound)
{
    require_positive("timeout", bound);
    return impl::policy_access::make({bound_layer(kind::timeout, bound)});
}

policy attempt_timeout(std::chrono::steady_clock::duration bound)
{
    require_positive("attempt_timeout", bound);
    return impl::policy_access::make({bound_layer(kind::attempt_timeout, bound)});
}

policy rate_limited(const client& client)
{
    const auto& state = client_access::state_of(client);
    policy_layer layer;
    layer.type = kind::gate;
    layer.gate = {state->transport, state->token};
    return impl::policy_access::make({layer}, state->transport->timers().shared_time());
}

backoff full_jitter(std::chrono::steady_clock::duration base, std::chrono::steady_clock::duration cap)
{
    require_positive("full_jitter: base", base);
    if (base > cap)
        throw api::invalid_call("full_jitter: base", "it is above the cap", "give a cap that is at least the base");
    backoff made;
    made.base_ = base;
    made.cap_ = cap;
    return made;
}

backoff constant_backoff(std::chrono::steady_clock::duration pause)
{
    if (pause < core::duration::zero())
        throw api::invalid_call("constant_backoff", "it is negative", "give a duration of zero or above");
    backoff made;
    made.base_ = made.cap_ = pause;
    made.constant_ = true;
    return made;
}

attempts::attempts(unsigned count)
    : max(count)
{
    if (count == 0) throw api::invalid_call("attempts", "it is zero", "allow at least one attempt");
}

retry_budget::retry_budget()
    : shared_(std::make_shared<impl::shared_budget>())
{}

namespace impl {

void policy_access::take(retry_parts& parts, const backoff& part)
{
    parts.base = part.base_;
    parts.cap = part.cap_;
    parts.constant = part.constant_;
    parts.has_backoff = true;
}

void add(retry_parts& parts, const backoff& part) noexcept { policy_access::take(parts, part); }
void add(retry_parts& parts, const doks::attempts& part) noexcept { parts.attempts = part.max; }
void add(retry_parts& parts, const retry_budget& part) noexcept { parts.budget = policy_access::shared(part); }
void add_conditions(retry_parts& parts, unsigned bits) noexcept { parts.conditions |= bits; }

bool has_timeout(const policy& policy) noexcept
{
    const auto& segments = policy_access::layers_of(policy).segments;
    return !segments.empty() && segments.front().policy.timeout != (core::duration::max)();
}

policy adapted(const policy& around, const client& client)
{
    const auto& layers = policy_access::layers_of(around).layers;
    if (has_gate(layers))
        throw api::invalid_call(
            "with", "the policy holds a rate gate, and the client's attempts pass their own", "leave rate_limited out");
    return policy_access::make(layers, client_access::state_of(client)->transport->timers().shared_time());
}

core::duration take_attempt_bound(policy& innermost)
{
    auto layers = policy_access::layers_of(innermost).layers;
    auto bound = (core::duration::max)();
    for (; !layers.empty() && layers.back().type == policy_layer::kind::attempt_timeout; layers.pop_back())
        bound = (std::min)(bound, layers.back().bound);
    innermost = policy_access::make(std::move(layers), policy_access::layers_of(innermost).time);
    return bound;
}

/// A backoff of the user replaces both bases: the default pauses longer after a 5xx.
policy make_retry(const retry_parts& parts)
{
    policy_layer layer;
    layer.type = policy_layer::kind::retry;
    layer.budget = parts.budget;
    layer.rules.attempts = parts.attempts;
    if (parts.conditions != 0) layer.rules.retried = parts.conditions;
    if (parts.has_backoff) {
        layer.rules.base = layer.rules.server_base = parts.base;
        layer.rules.cap = parts.cap;
        layer.rules.growth = parts.constant ? core::growth::constant : core::growth::full_jitter;
    }
    return policy_access::make({std::move(layer)});
}

}

}
