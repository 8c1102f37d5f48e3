#include "cli/traffic.hpp"

#include "cli/trace.hpp"

#include <utility>
#include <variant>

namespace doks::cli {

void traffic::see(const answer_received& answer)
{
    constexpr int weight = 32;
    if (answer.status == 0) return;
    std::chrono::nanoseconds took = answer.took;
    mean_ = mean_ ? *mean_ + (took - *mean_) / weight : took;
}

observer watch(console& log, trace_mode trace, std::shared_ptr<traffic> seen)
{
    return [&log, trace, seen = std::move(seen)](const event& what) {
        if (auto* answer = std::get_if<answer_received>(&what)) seen->see(*answer);
        if (trace == trace_mode::off) return;
        for (const std::string& line : trace_lines(what, std::chrono::steady_clock::now())) log.line(line);
    };
}

}
