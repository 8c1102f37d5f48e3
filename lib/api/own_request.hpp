#pragma once

#include "api/client_state.hpp"

#include <functional>
#include <memory>

namespace doks::api {

/** A request that a bulk or a keeper makes, through whatever stands around the client's attempts; on its strand.

    Shape: `start` once; then `live` can be cancelled. `then` is called once, on the strand, from within `start` or
    `cancel` or later; `forsaken` takes its place where the executor's context is being destroyed.
*/
struct own_request
{
    using outcome_sink = std::function<void(result<net::reply>)>;

    std::shared_ptr<net::live_call> live;
    std::function<void()> start;

    static own_request make(std::shared_ptr<const client_state> from, net::call_plan plan, outcome_sink then,
        std::function<void()> forsaken);
};

}
