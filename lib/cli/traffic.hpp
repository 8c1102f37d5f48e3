#pragma once

#include "cli/console.hpp"
#include "cli/options.hpp"
#include "cli/quota_view.hpp"

#include <doks/observer.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

namespace doks::cli {

/// What the answers so far tell of the quota and of the API's speed.
class traffic
{
public:
    explicit traffic(std::vector<rate_window> windows)
        : quota_(std::move(windows))
    {}

    void see(const answer_received& answer, std::chrono::steady_clock::time_point now);

    const quota_view& quota() const noexcept { return quota_; }
    std::size_t refusals() const noexcept { return refusals_; }
    /// Of the latest answers, each counted less than the one after it; nothing before the first.
    std::optional<std::chrono::nanoseconds> mean_answer() const noexcept { return mean_; }

private:
    quota_view quota_;
    std::size_t refusals_ = 0;
    std::optional<std::chrono::nanoseconds> mean_;
};

/// Feeds `seen` and, with a trace, the console. The console must outlive every client that has this observer.
observer watch(console& log, trace_mode trace, std::shared_ptr<traffic> seen);

}
