#include "sim/api/api_service.hpp"

#include "sim/fault/delivery.hpp"

#include <utility>

namespace doks::sim {

namespace {

journal_entry entry_of(const api_result& result, const http_request& request, const fault& fault, instant now)
{
    journal_entry entry;
    entry.at = std::chrono::time_point_cast<std::chrono::system_clock::duration>(now);
    entry.method = request.method;
    entry.path = request.target;
    entry.cluster = result.cluster;
    entry.token = result.token;
    entry.status = result.response.status;
    if (fault.kind != fault_kind::none) entry.fault = name_of(fault.kind);
    entry.counted = result.counted;
    entry.minted = result.mint.has_value();
    entry.request_id = result.request_id;
    return entry;
}

}

fault api_service::connection_fault()
{
    std::lock_guard lock(state_.mutex);
    state_.log.connection_opened();
    fault fault = state_.plan.for_connection();
    if (fault.kind != fault_kind::none) state_.log.count_connection_fault(name_of(fault.kind));
    return fault;
}

void api_service::connection_closed()
{
    std::lock_guard lock(state_.mutex);
    state_.log.connection_closed();
}

fault_decision api_service::decide_request(const http_request& request)
{
    std::lock_guard lock(state_.mutex);
    state_.log.request_begun();
    return state_.plan.for_request(request.target);
}

http_response api_service::respond(const http_request& request, const fault_decision& decision,
    std::uint64_t connection, const std::string& /*certificate*/)
{
    std::lock_guard lock(state_.mutex);
    instant now = state_.clock.now();
    bool intercepted = is_intercepted(decision.fault.kind);
    api_result result = intercepted ? state_.api.intercept(request, decision.fault, now)
                                    : state_.api.process(request, decision.fault, now);
    journal_entry entry = entry_of(result, request, decision.fault, now);
    entry.connection = connection;
    if (result.mint) state_.log.record_mint(entry, result.mint->cluster, result.mint->form, result.mint->expires);
    state_.log.record(std::move(entry), result.of_kubeconfig, result.throttled);
    state_.received.notify_all();
    return std::move(result.response);
}

void api_service::request_ended()
{
    std::lock_guard lock(state_.mutex);
    state_.log.request_ended();
}

}
