#pragma once

#include "support/virtual_world.hpp"

#include <optional>

namespace doks::test {

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

/// One try_kubeconfig from its start to its outcome.
inline one_call fetch(
    virtual_world& world, const client& of, const std::string& id = an_id, const call_options& options = {})
{
    one_call call;
    call.start(of, id, options);
    world.run([&] { return call.done(); });
    return call;
}

}
