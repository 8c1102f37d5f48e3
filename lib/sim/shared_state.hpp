#pragma once

#include "sim/account/accounts.hpp"
#include "sim/api/api.hpp"
#include "sim/api/journal_log.hpp"
#include "sim/fault/fault_plan.hpp"
#include "sim/pki/issuer.hpp"
#include "sim/timeline.hpp"

#include <condition_variable>
#include <mutex>
#include <string>

namespace doks::sim {

/** The state that a simulator's users and its sessions share; its mutex guards all of it. */
struct shared_state
{
    shared_state(const options& options, std::string origin, std::string kube_origin);

    mutable std::mutex mutex;
    mutable std::condition_variable received;
    timeline clock;
    sim::accounts accounts;
    issuer credentials;
    sim::api api;
    fault_plan plan;
    journal_log log;
};

}
