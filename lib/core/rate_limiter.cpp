#include "core/rate_limiter.hpp"

#include <algorithm>

namespace doks::core {

rate_limiter::rate_limiter(std::vector<rate_window> windows)
    : windows_(std::move(windows))
{
    std::sort(windows_.begin(), windows_.end(), [](const auto& a, const auto& b) { return a.per < b.per; });
    for (const auto& window : windows_) longest_log_ = (std::max)(longest_log_, window.limit);
}

std::optional<rate_limiter::ticket> rate_limiter::reserve(instant now, std::size_t leave)
{
    if (state_ == state::probing || next(now, 0, leave) > now) return std::nullopt;
    if (state_ == state::closed) state_ = state::probing;
    ++in_flight_;
    return ticket{generation_};
}

instant rate_limiter::next(instant now, std::size_t ahead, std::size_t leave) const
{
    instant at = state_ == state::closed ? (std::max)(now, until_) : now;
    for (std::size_t i = 0; i < windows_.size(); ++i)
        at = (std::max)(at, free_at(windows_[i], i == 0 ? leave : 0, ahead, now));
    return at;
}

instant rate_limiter::free_at(const rate_window& window, std::size_t leave, std::size_t ahead, instant now) const
{
    const std::size_t limit = window.limit - (std::min)(leave, window.limit - 1);
    const std::size_t unsettled = in_flight_ + ahead;
    if (unsettled >= limit) return now + window.per;
    const std::size_t back = limit - unsettled;
    if (log_.size() < back) return now;
    return (std::max)(now, log_[log_.size() - back] + window.per);
}

void rate_limiter::stamp(instant now)
{
    if (longest_log_ == 0) return;
    if (log_.size() == longest_log_) log_.pop_front();
    log_.push_back(log_.empty() ? now : (std::max)(now, log_.back()));
}

void rate_limiter::settle(ticket used, instant now)
{
    --in_flight_;
    stamp(now);
    if (used.generation != generation_) return;
    state_ = state::open;
    refusals_ = 0;
}

void rate_limiter::give_back(ticket unused)
{
    --in_flight_;
    if (unused.generation == generation_ && state_ == state::probing) state_ = state::closed;
}

void rate_limiter::refuse(ticket used, instant now, instant until)
{
    --in_flight_;
    stamp(now);
    if (used.generation != generation_) {
        until_ = (std::max)(until_, until);
        return;
    }
    ++generation_;
    ++refusals_;
    state_ = state::closed;
    until_ = until;
}

std::optional<instant> rate_limiter::closed_until() const noexcept
{
    if (state_ != state::closed) return std::nullopt;
    return until_;
}

std::size_t rate_limiter::used(const rate_window& window, instant now) const
{
    const auto first = std::upper_bound(log_.begin(), log_.end(), now - window.per);
    return static_cast<std::size_t>(log_.end() - first) + in_flight_;
}

}
