#include "sim/fault/fault_plan.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace doks::sim {

namespace {

bool is_of_connection(fault_kind kind) { return kind == fault_kind::refuse || kind == fault_kind::stall_handshake; }

void require_valid(const std::vector<fault>& faults)
{
    double of_connections = 0;
    double of_requests = 0;
    for (const fault& each : faults) {
        if (!(each.rate >= 0 && each.rate <= 1)) throw std::invalid_argument("faults: a rate must be between 0 and 1");
        (is_of_connection(each.kind) ? of_connections : of_requests) += each.rate;
    }
    constexpr double rounding = 1e-9;
    if (std::max(of_connections, of_requests) > 1 + rounding)
        throw std::invalid_argument("faults: the rates add up to more than 1");
}

}

fault_plan::fault_plan(std::uint64_t seed, std::vector<fault> faults, sim::latency latency)
    : random_(seed)
{
    set_faults(std::move(faults));
    set_latency(latency);
}

void fault_plan::set_faults(std::vector<fault> faults)
{
    require_valid(faults);
    faults_ = std::move(faults);
}

void fault_plan::set_latency(sim::latency value)
{
    if (value.min.count() < 0 || value.max < value.min)
        throw std::invalid_argument("latency: min must be at least 0 and at most max");
    latency_ = value;
}

void fault_plan::script(fault fault, std::string path_prefix, std::size_t times)
{
    if (times > 0) script_.push_back({std::move(fault), std::move(path_prefix), times});
}

fault fault_plan::for_connection()
{
    if (auto found = take_scripted(true, {})) return *found;
    return draw(true);
}

fault_decision fault_plan::for_request(std::string_view path)
{
    fault_decision result;
    auto found = take_scripted(false, path);
    result.fault = found ? *found : draw(false);
    result.fraction = std::uniform_real_distribution<double>(0, 1)(random_);
    result.request_latency = draw_latency();
    result.response_latency = draw_latency();
    return result;
}

std::optional<fault> fault_plan::take_scripted(bool of_connection, std::string_view path)
{
    auto meets = [&](const scripted& each) {
        return is_of_connection(each.fault.kind) == of_connection && path.starts_with(each.path_prefix);
    };
    auto found = std::find_if(script_.begin(), script_.end(), meets);
    if (found == script_.end()) return std::nullopt;
    fault result = found->fault;
    if (--found->times == 0) script_.erase(found);
    return result;
}

fault fault_plan::draw(bool of_connection)
{
    double left = std::uniform_real_distribution<double>(0, 1)(random_);
    for (const fault& each : faults_) {
        if (is_of_connection(each.kind) != of_connection) continue;
        if (left < each.rate) return each;
        left -= each.rate;
    }
    return {};
}

std::chrono::nanoseconds fault_plan::draw_latency()
{
    std::uniform_int_distribution<std::int64_t> between(latency_.min.count(), latency_.max.count());
    return std::chrono::nanoseconds(between(random_));
}

}
