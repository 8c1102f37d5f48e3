#include "api/client_state.hpp"
#include "api/config/settings.hpp"
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
    if (value <= core::duration::zero()) api::refuse(field, "it is not above zero", "give a duration above zero");
}

/// A layer goes into the segment if it stands inside of what is there already.
bool fits(const std::vector<policy_layer>& layers, std::size_t which)
{
    if (which == 0) return false;
    const kind before = layers[which - 1].what;
    const kind now = layers[which].what;
    if (before == now) return now == kind::deadline || now == kind::attempt_timeout;
    return before < now;
}

void put(policy_segment& into, const policy_layer& layer)
{
    switch (layer.what) {
    case kind::deadline:
        into.policy.timeout = (std::min)(into.policy.timeout, layer.bound);
        break;
    case kind::retry:
        into.policy.retry = layer.rules;
        into.budget = layer.budget;
        break;
    case kind::attempt_timeout:
        into.policy.attempt = (std::min)(into.policy.attempt, layer.bound);
        break;
    case kind::gate:
        into.gate = layer.gate;
    }
}

policy_layer bound_layer(kind what, core::duration within)
{
    policy_layer layer;
    layer.what = what;
    layer.bound = within;
    return layer;
}

}

policy impl::policy_access::make(std::vector<policy_layer> layers, std::shared_ptr<async::clock> time)
{
    auto made = std::make_shared<policy_layers>();
    if (layers.empty()) made->segments.emplace_back().policy.retry.attempts = 1;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (!fits(layers, i)) {
            made->segments.emplace_back();
            made->segments.back().policy.retry.attempts = 1;
        }
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
    const bool outer_has_gate = std::any_of(outer.layers_->layers.begin(), outer.layers_->layers.end(),
        [](const auto& each) { return each.what == kind::gate; });
    return impl::policy_access::make(std::move(layers), (outer_has_gate ? outer : inner).layers_->time);
}

policy timeout(std::chrono::steady_clock::duration within)
{
    require_positive("timeout", within);
    return impl::policy_access::make({bound_layer(kind::deadline, within)});
}

policy attempt_timeout(std::chrono::steady_clock::duration within)
{
    require_positive("attempt_timeout", within);
    return impl::policy_access::make({bound_layer(kind::attempt_timeout, within)});
}

policy rate_limited(const client& whose)
{
    const auto& state = client_access::state_of(whose);
    policy_layer layer;
    layer.what = kind::gate;
    layer.gate = {state->transport, state->token};
    return impl::policy_access::make({layer}, state->transport->timers().shared_time());
}

backoff full_jitter(std::chrono::steady_clock::duration base, std::chrono::steady_clock::duration cap)
{
    require_positive("full_jitter: base", base);
    if (base > cap) api::refuse("full_jitter: base", "it is above the cap", "give a cap that is at least the base");
    backoff made;
    made.base_ = base;
    made.cap_ = cap;
    return made;
}

backoff constant_backoff(std::chrono::steady_clock::duration pause)
{
    if (pause < core::duration::zero()) api::refuse("constant", "it is negative", "give a duration of zero or above");
    backoff made;
    made.base_ = made.cap_ = pause;
    made.constant_ = true;
    return made;
}

attempts::attempts(unsigned count)
    : most(count)
{
    if (count == 0) api::refuse("attempts", "it is zero", "allow at least one attempt");
}

retry_budget::retry_budget()
    : shared_(std::make_shared<impl::shared_budget>())
{}

namespace impl {

void policy_access::take(retry_parts& to, const backoff& part)
{
    to.base = part.base_;
    to.cap = part.cap_;
    to.constant = part.constant_;
    to.has_backoff = true;
}

void add(retry_parts& to, const backoff& part) noexcept { policy_access::take(to, part); }
void add(retry_parts& to, const doks::attempts& part) noexcept { to.attempts = part.most; }
void add(retry_parts& to, const retry_budget& part) noexcept { to.budget = policy_access::shared(part); }
void add_conditions(retry_parts& to, unsigned bits) noexcept { to.conditions |= bits; }

bool has_deadline(const policy& which) noexcept
{
    const auto& segments = policy_access::layers_of(which).segments;
    return !segments.empty() && segments.front().policy.timeout != (core::duration::max)();
}

policy adapted(const policy& which, const client& to)
{
    const auto& layers = policy_access::layers_of(which).layers;
    for (const auto& each : layers)
        if (each.what == policy_layer::kind::gate)
            api::refuse("with", "the policy holds a rate gate, and the client's attempts pass their own",
                "leave rate_limited out");
    return policy_access::make(layers, client_access::state_of(to)->transport->timers().shared_time());
}

core::duration take_attempt_bound(policy& innermost)
{
    auto layers = policy_access::layers_of(innermost).layers;
    auto bound = (core::duration::max)();
    for (; !layers.empty() && layers.back().what == policy_layer::kind::attempt_timeout; layers.pop_back())
        bound = (std::min)(bound, layers.back().bound);
    innermost = policy_access::make(std::move(layers), policy_access::layers_of(innermost).time);
    return bound;
}

policy make_retry(const retry_parts& parts)
{
    policy_layer layer;
    layer.what = policy_layer::kind::retry;
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
