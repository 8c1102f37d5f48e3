#pragma once

#include "cli/console.hpp"
#include "cli/options.hpp"

#include <doks/observer.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace doks::cli {

/// What the answers so far tell of the API's speed.
class traffic
{
public:
    void see(const answer_received& answer);

    /// Of the latest answers, each counted less than the one after it; nothing before the first.
    std::optional<std::chrono::nanoseconds> mean_answer() const noexcept { return mean_; }

private:
    std::optional<std::chrono::nanoseconds> mean_;
};

/// Feeds `seen` and, with a trace, the console. The console must outlive every client that has this observer.
observer watch(console& log, trace_mode trace, std::shared_ptr<traffic> seen);

}
