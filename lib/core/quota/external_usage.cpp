#include "core/quota/external_usage.hpp"

#include <algorithm>
#include <utility>

namespace doks::core {

void external_usage::observe(const bounds& said, instant now)
{
    forget(now);
    const std::chrono::duration<double> since = now - std::exchange(seen_, now);
    const auto possible = static_cast<std::size_t>(static_cast<double>(limit_) * (1 + since / shortest_));
    const bounds before = std::exchange(last_, said);
    if (!since_) {
        since_ = now;
        found_ = said.least;
        return;
    }
    const std::size_t known = used(now);
    agreeing_ = said.least <= known && known <= said.most ? agreeing_ + 1 : 0;
    const bool is_credible = known != 0 && said.least <= known + possible && known <= said.most + possible;
    const std::size_t least = is_credible ? said.least : (std::min)(said.least, before.least);
    const std::size_t most = is_credible ? said.most : (std::max)(said.most, before.most);
    if (known < least)
        add(least - known, now);
    else if (known > most)
        drop(known - most, now);
}

void external_usage::add(std::size_t count, instant now)
{
    if (!runs_.empty() && now - runs_.back().first < shortest_ / 32) {
        runs_.back().last = now;
        runs_.back().count += count;
    } else {
        runs_.push_back({now, now, count});
    }
    dated_ += count;
}

/// The oldest first: those without a date are older than all others.
void external_usage::drop(std::size_t count, instant now)
{
    if (const std::size_t old = undated(now); old != 0) {
        const std::size_t some = (std::min)(count, old);
        found_ = found_ * (old - some) / old;
        count -= some;
    }
    drop_oldest((std::min)(count, dated_));
}

void external_usage::drop_oldest(std::size_t count)
{
    dated_ -= count;
    while (count != 0) {
        const std::size_t some = (std::min)(count, runs_.front().count);
        runs_.front().count -= some;
        count -= some;
        if (runs_.front().count == 0) runs_.pop_front();
    }
}

void external_usage::forget(instant now)
{
    while (!runs_.empty() && runs_.front().last <= now - longest_) drop_oldest(runs_.front().count);
}

std::size_t external_usage::undated(instant now) const
{
    if (found_ == 0) return 0;
    const duration left = longest_ - (std::min)(now - *since_, longest_);
    return static_cast<std::size_t>(static_cast<double>(found_) * (left / std::chrono::duration<double>(longest_)));
}

std::size_t external_usage::used(instant now) const
{
    std::size_t gone = 0;
    for (const run& each : runs_) {
        if (each.last > now - longest_) break;
        gone += each.count;
    }
    return dated_ - gone + undated(now);
}

std::size_t external_usage::recent() const
{
    std::size_t count = 0;
    for (auto each = runs_.rbegin(); each != runs_.rend() && each->last > seen_ - shortest_; ++each)
        count += each->count;
    return count;
}

}
