#pragma once

#include "sim/api_service.hpp"
#include "sim/kube_api.hpp"
#include "sim/session.hpp"

namespace doks::sim {

/** Puts the Kubernetes API behind sessions: no faults, no latency, no journal. */
class kube_service : public service
{
public:
    explicit kube_service(shared_state& state)
        : state_(state)
        , api_(state.accounts, state.credentials)
    {}

    fault meet_connection() override { return {}; }
    void connection_closed() override {}
    ordeal meet_request(const request&) override { return {}; }
    void request_ended() override {}

    reply answer(const request& what, const ordeal&, std::uint64_t, const std::string& certificate) override
    {
        std::lock_guard lock(state_.mutex);
        return api_.answer(what, certificate, state_.clock.now());
    }

private:
    shared_state& state_;
    kube_api api_;
};

}
