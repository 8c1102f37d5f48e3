#include "sim/shared_state.hpp"

#include <utility>

namespace doks::sim {

shared_state::shared_state(const options& options, std::string origin, std::string kube_origin)
    : accounts(options, clock.now())
    , credentials(clock.now())
    , api(accounts, credentials, std::move(origin), std::move(kube_origin), options.real_kube_names)
    , plan(options.seed, options.faults, options.latency)
    , log(options.journal_file)
{}

}
