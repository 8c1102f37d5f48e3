#pragma once

#include "net/limited_world.hpp"

#include <functional>
#include <map>
#include <string>
#include <utility>

namespace doks::test {

/// A world whose server meets each id's first request as planned, and every other one with the id's own kubeconfig.
struct planned_world
{
    planned_world()
        : world([this](const seen_request& seen) { return meet(seen); })
    {}

    /// One connection, one attempt, no quota.
    client_config config() const
    {
        auto made = world.config();
        made.connections = 1;
        made.attempts = 1;
        made.rate_limit = {};
        return made;
    }
    std::string next_id() { return numbered_id(++last_id_); }
    static std::string own(const std::string& id) { return kubeconfig_text(id, "own-of-" + id); }
    static std::string external(const std::string& id) { return kubeconfig_text(id, "another-clusters"); }

    scripted_answer meet(const seen_request& seen)
    {
        const auto id = id_in(seen.target());
        const auto planned = plans.find(id);
        if (planned == plans.end()) return {http_answer(200, own(id))};
        auto answer = std::move(planned->second);
        plans.erase(planned);
        if (on_plan) std::exchange(on_plan, nullptr)();
        return answer;
    }
    one_call fetch(const client& of, const std::string& id) { return test::fetch(world, of, id); }
    /// The call delivered the id's own kubeconfig, once.
    bool is_own(const one_call& call, const std::string& id) const
    {
        return call.completions == 1 && call.outcome->has_value() && (*call.outcome)->bytes() == own(id);
    }
    const seen_request& last_request() const { return world.network->requests().back(); }

    std::map<std::string, scripted_answer> plans;
    std::function<void()> on_plan; ///< runs once, when a planned answer is about to be sent
    virtual_world world;

private:
    std::size_t last_id_ = 0;
};

}
