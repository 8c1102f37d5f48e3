#pragma once

#include "sim/http/session.hpp"
#include "sim/shared_state.hpp"

namespace doks::sim {

/** Puts the API behind sessions: faults, latency and the journal around api::process(). The server owns it.

    It locks the shared state for each call: the sessions' thread is not the only one that uses it.
*/
class api_service : public service
{
public:
    explicit api_service(shared_state& state)
        : state_(state)
    {}

    fault connection_fault() override;
    void connection_closed() override;
    fault_decision decide_request(const http_request& request) override;
    http_response respond(const http_request& request, const fault_decision& decision, std::uint64_t connection,
        const std::string& certificate) override;
    void request_ended() override;

private:
    shared_state& state_;
};

}
