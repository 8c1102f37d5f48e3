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

/** The state that the simulator's callers and its sessions share; its mutex guards all of it.

    The server owns it. A session takes the mutex for the moment in which a request is processed, never while it waits.
*/
struct shared_state
{
    shared_state(const options& options, std::string origin, std::string kube_origin);

    mutable std::mutex mutex;
    mutable std::condition_variable received; ///< Notified after each entry in the log.
    timeline clock;
    sim::accounts accounts;
    issuer credentials;
    sim::api api;
    fault_plan plan;
    journal_log log;
};

}
