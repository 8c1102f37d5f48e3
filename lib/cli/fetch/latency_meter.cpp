#include "cli/fetch/latency_meter.hpp"

#include "cli/options/duration.hpp"
#include "cli/output/trace.hpp"

#include <utility>
#include <variant>

namespace doks::cli {

void latency_meter::see(const response_received& answer)
{
    constexpr int weight = 32;
    if (answer.status == 0) return;
    std::chrono::nanoseconds took = answer.took;
    mean_ = mean_ ? *mean_ + (took - *mean_) / weight : took;
}

std::string clock_fault(const response_received& answer, std::chrono::system_clock::time_point now)
{
    using namespace std::chrono;
    constexpr auto usual_difference = minutes(5);
    if (!answer.date || answer.status >= 500) return {}; // from whatever stands in front of the API, perhaps
    const auto ahead = now - *answer.date;
    if (abs(ahead) <= usual_difference) return {};
    return "the API's answer is dated " + duration_text(abs(ahead)) +
           (ahead < system_clock::duration::zero() ? " after" : " before") +
           " this machine's time: if that is wrong, certificates and expiries are misjudged";
}

observer watch(console& log, trace_mode trace, std::shared_ptr<latency_meter> seen)
{
    return [&log, trace, seen = std::move(seen)](const event& what) {
        if (auto* answer = std::get_if<response_received>(&what)) {
            seen->see(*answer);
            const auto fault = clock_fault(*answer, std::chrono::system_clock::now());
            if (!fault.empty() && seen->first_fault()) log.line("doks: " + fault);
        }
        if (trace == trace_mode::off) return;
        for (const std::string& line : trace_lines(what, std::chrono::steady_clock::now())) log.line(line);
    };
}

}
