#pragma once

#include "sim/api_service.hpp"
#include "sim/kube_front.hpp"
#include "sim/session.hpp"

namespace doks::sim {

/** Puts the Kubernetes front behind sessions: no faults, no latency, no journal. */
class kube_service : public service
{
public:
    explicit kube_service(shared_state& state)
        : state_(state)
        , front_(state.accounts, state.credentials)
    {}

    fault meet_connection() override { return {}; }
    void connection_closed() override {}
    ordeal meet_request(const request&) override { return {}; }
    void request_ended() override {}

    reply answer(const request& what, const ordeal&, std::uint64_t, const std::string& certificate) override
    {
        std::lock_guard lock(state_.mutex);
        return front_.answer(what, certificate, state_.clock.now());
    }

private:
    shared_state& state_;
    kube_front front_;
};

}
