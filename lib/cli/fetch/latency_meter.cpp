#include "cli/fetch/latency_meter.hpp"

#include "cli/options/duration.hpp"
#include "cli/output/trace.hpp"

#include <utility>
#include <variant>

namespace doks::cli {

void latency_meter::on_response(const response_received& response)
{
    constexpr int weight = 32;
    if (response.status == 0) return;
    std::chrono::nanoseconds took = response.took;
    mean_ = mean_ ? *mean_ + (took - *mean_) / weight : took;
}

std::string clock_fault(const response_received& response, std::chrono::system_clock::time_point now)
{
    using namespace std::chrono;
    constexpr auto usual_difference = minutes(5);
    if (!response.date || response.status >= 500) return {}; // perhaps of a gateway before the API
    const auto ahead = now - *response.date;
    if (abs(ahead) <= usual_difference) return {};
    return "the API's response is dated " + duration_text(abs(ahead)) +
           (ahead < system_clock::duration::zero() ? " after" : " before") +
           " this machine's time: if that is wrong, certificates and expiries are misjudged";
}

observer make_observer(console& log, trace_mode trace, std::shared_ptr<latency_meter> meter)
{
    return [&log, trace, meter = std::move(meter)](const event& observed) {
        if (auto* response = std::get_if<response_received>(&observed)) {
            meter->on_response(*response);
            const auto fault = clock_fault(*response, std::chrono::system_clock::now());
            if (!fault.empty() && meter->on_clock_fault()) log.line("doks: " + fault);
        }
        if (trace == trace_mode::off) return;
        for (const std::string& line : trace_lines(observed, std::chrono::steady_clock::now())) log.line(line);
    };
}

}
