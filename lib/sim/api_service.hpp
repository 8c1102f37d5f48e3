#pragma once

#include "sim/api.hpp"
#include "sim/fault_plan.hpp"
#include "sim/journal_log.hpp"
#include "sim/session.hpp"
#include "sim/timeline.hpp"

#include <condition_variable>
#include <mutex>

namespace doks::sim {

/** Everything of a simulator that its users and its sessions both touch; guarded by the one mutex in it. */
struct shared_state
{
    shared_state(const options& how, std::string origin, std::string kube_origin);

    mutable std::mutex mutex;
    mutable std::condition_variable received;
    timeline clock;
    sim::accounts accounts;
    issuer credentials;
    sim::api api;
    fault_plan plan;
    journal_log log;
};

/** Puts the API behind sessions: faults, latency and the journal around api::judge(). */
class api_service : public service
{
public:
    explicit api_service(shared_state& state)
        : state_(state)
    {}

    fault meet_connection() override;
    void connection_closed() override;
    ordeal meet_request(const request& what) override;
    reply answer(
        const request& what, const ordeal& met, std::uint64_t connection, const std::string& certificate) override;
    void request_ended() override;

private:
    shared_state& state_;
};

}
