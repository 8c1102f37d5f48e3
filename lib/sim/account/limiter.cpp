#include "sim/account/limiter.hpp"

#include <algorithm>

namespace doks::sim {

namespace {

instant window_start(instant at, std::chrono::nanoseconds window) { return at - at.time_since_epoch() % window; }

}

verdict limiter::judge(instant now)
{
    forget_expired(now);
    bool hour_full = hour_.size() >= limit_.per_hour;
    verdict result;
    result.admitted = !hour_full && !minute_is_full();
    if (!result.admitted && !hour_full) result.retry_after = until_minute_frees(now);
    result.counted = result.admitted || limit_.refusals_count;
    if (result.counted) count(now);
    result.remaining = result.admitted ? limit_.per_hour - hour_.size() : 0;
    result.reset = (hour_.empty() ? now : hour_.front()) + limit_.hour_window;
    return result;
}

void limiter::forget_expired(instant now)
{
    while (!hour_.empty() && hour_.front() + limit_.hour_window <= now) hour_.pop_front();
    auto ends = [&](instant counted) {
        instant from = limit_.minute_slides ? counted : window_start(counted, limit_.minute_window);
        return from + limit_.minute_window;
    };
    while (!minute_.empty() && ends(minute_.front()) <= now) minute_.pop_front();
}

bool limiter::minute_is_full() const { return minute_.size() >= limit_.per_minute; }

std::chrono::seconds limiter::until_minute_frees(instant now) const
{
    // With refusals counted there may be more entries than slots: a slot is free when only per_minute - 1 are left.
    instant blocking = minute_[minute_.size() - limit_.per_minute];
    instant from = limit_.minute_slides ? blocking : window_start(blocking, limit_.minute_window);
    auto wait = std::chrono::ceil<std::chrono::seconds>(from + limit_.minute_window - now);
    return std::max(wait, std::chrono::seconds(1));
}

void limiter::count(instant now)
{
    hour_.push_back(now);
    minute_.push_back(now);
}

}
