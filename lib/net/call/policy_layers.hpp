#pragma once

#include "async/synchronized.hpp"
#include "core/retry/retry_loop.hpp"
#include "net/quota/token_context.hpp"
#include "net/shared_transport.hpp"

#include <doks/policy.hpp>

#include <memory>
#include <vector>

namespace doks::impl {

struct shared_budget : async::synchronized<core::retry_budget>
{};

/// The account whose gate attempts pass, on its transport's strand.
struct gate_of
{
    std::shared_ptr<net::shared_transport> transport;
    std::shared_ptr<net::token_context> token;
};

/// One layer as the user wrote it; of the parts only those of its kind count.
struct policy_layer
{
    /// In the order in which layers side by side make one plan, outermost first.
    enum class kind
    {
        deadline,
        retry,
        attempt_timeout,
        gate
    };
    kind what = kind::deadline;
    core::duration bound{};
    core::retry_rules rules;
    std::shared_ptr<shared_budget> budget;
    gate_of gate;
};

/// Layers that one engine runs as one plan.
struct policy_segment
{
    core::call_policy policy;
    std::shared_ptr<shared_budget> budget;
    gate_of gate; ///< empty without one
};

/// What a policy refers to; immutable.
struct policy_layers
{
    std::vector<policy_layer> layers;
    std::vector<policy_segment> segments; ///< outermost first
    std::shared_ptr<async::clock> time;
};

struct policy_access
{
    static policy make(std::vector<policy_layer> layers, std::shared_ptr<async::clock> time = async::system_clock());
    static const policy_layers& layers_of(const policy& which) { return *which.layers_; }
    /// The same by another clock: how tests move time.
    static policy by_clock(const policy& which, std::shared_ptr<async::clock> time)
    {
        return make(which.layers_->layers, std::move(time));
    }
    static const std::shared_ptr<shared_budget>& shared(const retry_budget& of) { return of.shared_; }
    static void take(retry_parts& to, const backoff& part);
};

}
