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

/// The rate gate of a token, and the transport on whose strand it runs.
struct gate_of
{
    std::shared_ptr<net::shared_transport> transport;
    std::shared_ptr<net::token_context> token;
};

/// One layer as the user wrote it. Only the members of its kind are set.
struct policy_layer
{
    /// In the order in which neighbouring layers form one segment, outermost first.
    enum class kind
    {
        timeout,
        retry,
        attempt_timeout,
        gate
    };
    kind type = kind::timeout;
    core::duration bound{};
    core::retry_rules rules;
    std::shared_ptr<shared_budget> budget;
    gate_of gate;
};

/// Neighbouring layers that one engine runs together.
struct policy_segment
{
    core::call_policy policy;
    std::shared_ptr<shared_budget> budget;
    gate_of gate; ///< empty without one
};

/// The content of a policy; immutable, and shared by its copies.
struct policy_layers
{
    std::vector<policy_layer> layers;
    std::vector<policy_segment> segments; ///< outermost first
    std::shared_ptr<async::clock> time;
};

struct policy_access
{
    static policy make(std::vector<policy_layer> layers, std::shared_ptr<async::clock> time = async::system_clock());
    static const policy_layers& layers_of(const policy& around) { return *around.layers_; }
    /// The same policy on another clock: the client's, or a test's.
    static policy by_clock(const policy& around, std::shared_ptr<async::clock> time)
    {
        return make(around.layers_->layers, std::move(time));
    }
    static const std::shared_ptr<shared_budget>& shared(const retry_budget& budget) { return budget.shared_; }
    static void take(retry_parts& parts, const backoff& part);
};

}
