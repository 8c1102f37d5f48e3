#include "cli/traffic.hpp"

#include "cli/trace.hpp"

#include <utility>
#include <variant>

namespace doks::cli {

void traffic::see(const answer_received& answer, std::chrono::steady_clock::time_point now)
{
    constexpr int weight = 32;
    if (answer.status == 0) return;
    quota_.answered(now, answer.rate_limit, std::chrono::system_clock::now());
    if (answer.status == 429) ++refusals_;
    std::chrono::nanoseconds took = answer.took;
    mean_ = mean_ ? *mean_ + (took - *mean_) / weight : took;
}

observer watch(console& log, trace_mode trace, std::shared_ptr<traffic> seen)
{
    return [&log, trace, seen = std::move(seen)](const event& what) {
        auto now = std::chrono::steady_clock::now();
        if (auto* answer = std::get_if<answer_received>(&what)) seen->see(*answer, now);
        if (trace == trace_mode::off) return;
        for (const std::string& line : trace_lines(what, now)) log.line(line);
    };
}

}
