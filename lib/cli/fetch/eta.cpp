#include "cli/fetch/eta.hpp"

#include <algorithm>
#include <utility>

namespace doks::cli {

namespace {

std::size_t largest_limit(const std::vector<rate_window>& windows)
{
    std::size_t most = 0;
    for (const rate_window& each : windows) most = std::max(most, each.limit);
    return most;
}

}

eta::eta(std::vector<rate_window> windows)
    : windows_(std::move(windows))
    , most_(largest_limit(windows_))
{}

void eta::answered(time_point now, const rate_limit_snapshot& said, std::chrono::system_clock::time_point wall_now)
{
    used_.push_back(now);
    if (used_.size() > most_) used_.pop_front();
    if (!said.remaining || !said.reset) return;
    said_left_ = *said.remaining;
    said_reset_ = now + std::clamp<std::chrono::steady_clock::duration>(
                            *said.reset - wall_now, std::chrono::seconds(0), std::chrono::hours(1));
}

std::chrono::nanoseconds eta::wait_for(std::size_t count, time_point now) const
{
    if (windows_.empty() || count == 0) return {};
    std::deque<time_point> slots = used_;
    time_point last = now;
    if (count > said_left_) last = std::max(last, said_reset_);
    for (std::size_t sent = 0; sent < count; ++sent) {
        time_point next = now;
        for (const rate_window& each : windows_)
            if (slots.size() >= each.limit) next = std::max(next, slots[slots.size() - each.limit] + each.per);
        slots.push_back(next);
        if (slots.size() > most_) slots.pop_front();
    }
    return std::max(last, slots.back()) - now;
}

}
