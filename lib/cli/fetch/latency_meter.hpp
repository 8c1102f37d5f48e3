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

/// How fast the API responds.
class latency_meter
{
public:
    void on_response(const response_received& response);

    /// A moving average over the latest responses; nothing before the first.
    std::optional<std::chrono::nanoseconds> mean() const noexcept { return mean_; }
    /// Notes a wrong clock; true the first time.
    bool on_clock_fault() noexcept { return !std::exchange(clock_reported_, true); }

private:
    bool clock_reported_ = false;
    std::optional<std::chrono::nanoseconds> mean_;
};

/// A warning if this machine's clock and a response's date are far apart; else empty.
std::string clock_fault(const response_received& response, std::chrono::system_clock::time_point now);

/// Feeds `meter` and, with a trace, the console, which must outlive every client with this observer.
observer make_observer(console& log, trace_mode trace, std::shared_ptr<latency_meter> meter);

}
