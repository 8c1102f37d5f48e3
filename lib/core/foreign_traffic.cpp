#include "core/foreign_traffic.hpp"

#include <algorithm>

namespace doks::core {

void foreign_traffic::observe(std::size_t least, std::size_t most, instant now)
{
    forget(now);
    if (total_ < least)
        add(least - total_, now);
    else if (total_ > most)
        drop_oldest(total_ - most);
    if (!since_) {
        since_ = now;
        initial_ = total_;
    }
    seen_ = now;
}

void foreign_traffic::add(std::size_t count, instant now)
{
    total_ += count;
    if (!runs_.empty() && now - runs_.back().first < shortest_ / 32) {
        runs_.back().last = now;
        runs_.back().count += count;
    } else {
        runs_.push_back({now, now, count});
    }
}

void foreign_traffic::drop_oldest(std::size_t count)
{
    total_ -= count;
    initial_ -= (std::min)(initial_, count);
    while (count != 0) {
        const std::size_t some = (std::min)(count, runs_.front().count);
        runs_.front().count -= some;
        count -= some;
        if (runs_.front().count == 0) runs_.pop_front();
    }
}

void foreign_traffic::forget(instant now)
{
    while (!runs_.empty() && runs_.front().last <= now - longest_) drop_oldest(runs_.front().count);
}

std::size_t foreign_traffic::used(instant now) const
{
    std::size_t gone = 0;
    for (const run& each : runs_) {
        if (each.last > now - longest_) break;
        gone += each.count;
    }
    return total_ - gone;
}

std::size_t foreign_traffic::recent() const
{
    std::size_t count = 0;
    for (auto each = runs_.rbegin(); each != runs_.rend() && each->last > seen_ - shortest_; ++each)
        count += each->count;
    return count;
}

std::size_t foreign_traffic::expected(instant now) const
{
    const std::size_t in_use = used(now);
    const duration watched = since_ ? now - *since_ : duration::zero();
    if (watched <= duration::zero() || watched >= longest_) return in_use;
    const auto grown = static_cast<double>(in_use - (std::min)(in_use, initial_));
    const double pace = static_cast<double>(longest_.count()) / static_cast<double>(watched.count());
    return (std::max)(in_use, static_cast<std::size_t>(grown * (std::min)(pace, 1e6)));
}

}
