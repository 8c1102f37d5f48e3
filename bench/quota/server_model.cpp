#include "quota/server_model.hpp"

#include <algorithm>

// DigitalOcean's windows in virtual time; see server_model.hpp.

namespace quota {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t per_hour = 5'000;
constexpr std::size_t per_minute = 250;

}

void server_model::preload(instant counted)
{
    hour_.push_back(counted);
    minute_.push_back(counted);
}

reply server_model::judge(instant now)
{
    using std::chrono::floor, std::chrono::seconds;
    forget(now);
    const bool hour_full = hour_.size() >= per_hour;
    const bool minute_full = minute_.size() >= per_minute;
    reply said;
    said.admitted = !hour_full && !minute_full;
    if (!hour_full && minute_full) said.hints.retry_after = until_minute_frees(now);
    if (said.admitted || rules_.refusals_count) preload(now);
    said.hints.date = floor<seconds>(clock_.at(now));
    auto& quota = said.hints.rate_limit;
    quota.limit = per_hour;
    quota.remaining = said.admitted ? per_hour - hour_.size() : 0;
    quota.reset = floor<seconds>(clock_.at((hour_.empty() ? now : hour_.front()) + 1h));
    return said;
}

void server_model::forget(instant now)
{
    while (!hour_.empty() && hour_.front() + 1h <= now) hour_.pop_front();
    while (!minute_.empty() && end_of_minute(minute_.front()) <= now) minute_.pop_front();
}

instant server_model::end_of_minute(instant counted) const
{
    return rules_.minute_slides ? counted + 1min : counted - (counted - phase_) % 1min + 1min;
}

/// With refusals counted there may be more entries than slots: one is free when a single slot's worth has to go.
std::chrono::seconds server_model::until_minute_frees(instant now) const
{
    const instant blocking = minute_[minute_.size() - per_minute];
    return (std::max)(std::chrono::ceil<std::chrono::seconds>(end_of_minute(blocking) - now), 1s);
}

}
