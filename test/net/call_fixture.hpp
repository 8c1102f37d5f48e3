#pragma once

#include "support/virtual_world.hpp"

#include <optional>

namespace doks::test {

inline const std::string an_id = "11111111-2222-4333-8444-555555555555";

/// The outcome of one try_kubeconfig, and how often it came.
struct one_call
{
    void start(const client& of, const std::string& id = an_id, call_options options = {})
    {
        of.try_kubeconfig(id, options, [this](result<kubeconfig> got) {
            outcome.emplace(std::move(got));
            ++completions;
        });
    }
    const failure why() const { return outcome ? outcome->error() : failure(); }
    bool done() const noexcept { return completions != 0; }

    std::optional<result<kubeconfig>> outcome;
    unsigned completions = 0;
};

/// Meets every request with its own kubeconfig.
inline scripted_answer own_kubeconfig(const seen_request& seen)
{
    return {http_answer(200, kubeconfig_text(id_in(seen.target())))};
}

}
