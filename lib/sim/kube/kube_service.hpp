#pragma once

#include "sim/api/api_service.hpp"
#include "sim/http/session.hpp"
#include "sim/kube/kube_api.hpp"

namespace doks::sim {

/** Puts the Kubernetes API behind sessions: no faults, no latency, no journal. The server owns it. */
class kube_service : public service
{
public:
    explicit kube_service(shared_state& state)
        : state_(state)
        , api_(state.accounts, state.credentials)
    {}

    fault connection_fault() override { return {}; }
    void connection_closed() override {}
    fault_decision decide_request(const http_request&) override { return {}; }
    void request_ended() override {}

    http_response respond(
        const http_request& request, const fault_decision&, std::uint64_t, const std::string& certificate) override
    {
        std::lock_guard lock(state_.mutex);
        return api_.respond(request, certificate, state_.clock.now());
    }

private:
    shared_state& state_;
    kube_api api_;
};

}
