#pragma once

#include "cli/options/options.hpp"
#include "cli/output/console.hpp"

#include <doks/observer.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace doks::cli {

/// What the answers so far tell of the API's speed.
class latency_meter
{
public:
    void see(const response_received& answer);

    /// Of the latest answers, each counted less than the one after it; nothing before the first.
    std::optional<std::chrono::nanoseconds> mean_answer() const noexcept { return mean_; }
    /// Notes a fault of this machine's clock; true for the first one, which is said.
    bool first_fault() noexcept { return !std::exchange(clock_told_, true); }

private:
    bool clock_told_ = false;
    std::optional<std::chrono::nanoseconds> mean_;
};

/// That this machine's clock and the API's are far apart, by an answer's own time; empty where they are not.
std::string clock_fault(const response_received& answer, std::chrono::system_clock::time_point now);

/// Feeds `seen` and, with a trace, the console. The console must outlive every client that has this observer.
observer watch(console& log, trace_mode trace, std::shared_ptr<latency_meter> seen);

}
