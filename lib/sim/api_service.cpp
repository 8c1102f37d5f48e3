#include "sim/api_service.hpp"

#include "sim/delivery.hpp"

#include <utility>

namespace doks::sim {

namespace {

journal_entry entry_of(const judgement& result, const request& what, const fault& met, instant now)
{
    journal_entry entry;
    entry.at = std::chrono::time_point_cast<std::chrono::system_clock::duration>(now);
    entry.method = what.method;
    entry.path = what.target;
    entry.cluster = result.cluster;
    entry.token = result.token;
    entry.status = result.answer.status;
    if (met.kind != fault_kind::none) entry.fault = name_of(met.kind);
    entry.counted = result.counted;
    entry.minted = result.mint.has_value();
    entry.request_id = result.request_id;
    return entry;
}

}

shared_state::shared_state(const options& how, std::string origin, std::string kube_origin)
    : accounts(how, clock.now())
    , credentials(clock.now())
    , api(accounts, credentials, std::move(origin), std::move(kube_origin), how.real_kube_names)
    , plan(how.seed, how.faults, how.latency)
    , log(how.journal_file)
{}

fault api_service::meet_connection()
{
    std::lock_guard lock(state_.mutex);
    state_.log.connection_opened();
    fault met = state_.plan.for_connection();
    if (met.kind != fault_kind::none) state_.log.connection_met(name_of(met.kind));
    return met;
}

void api_service::connection_closed()
{
    std::lock_guard lock(state_.mutex);
    state_.log.connection_closed();
}

ordeal api_service::meet_request(const request& what)
{
    std::lock_guard lock(state_.mutex);
    state_.log.request_begun();
    return state_.plan.for_request(what.target);
}

reply api_service::answer(
    const request& what, const ordeal& met, std::uint64_t connection, const std::string& /*certificate*/)
{
    std::lock_guard lock(state_.mutex);
    instant now = state_.clock.now();
    bool intercepted = is_intercepted(met.fault.kind);
    judgement result =
        intercepted ? state_.api.intercept(what, met.fault, now) : state_.api.judge(what, met.fault, now);
    journal_entry entry = entry_of(result, what, met.fault, now);
    entry.connection = connection;
    if (result.mint) state_.log.record_mint(entry, result.mint->cluster, result.mint->form, result.mint->expires);
    state_.log.record(std::move(entry), result.of_kubeconfig, result.throttled);
    state_.received.notify_all();
    return std::move(result.answer);
}

void api_service::request_ended()
{
    std::lock_guard lock(state_.mutex);
    state_.log.request_ended();
}

}
