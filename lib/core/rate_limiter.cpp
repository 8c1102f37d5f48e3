#include "core/rate_limiter.hpp"

#include "core/retry.hpp"

#include <algorithm>

namespace doks::core {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t unlimited = SIZE_MAX;
/// After a closure only the probe goes for so long, so that processes that come back together do not meet again.
constexpr duration pause_after_probe = 1s;
constexpr unsigned answers_that_raise = 3;
constexpr std::size_t most_raise = 10;
constexpr std::size_t largest_sane_limit = 100'000'000;

std::size_t less(std::size_t a, std::size_t b) { return a - (std::min)(a, b); }

}

rate_limiter::rate_limiter(std::vector<rate_window> windows)
    : foreign_(1h, 1min)
    , ramp_(unlimited)
{
    if (windows.empty()) return;
    keep_to(std::move(windows));
    state_ = state::closed;
}

void rate_limiter::restrict_to(const std::vector<rate_window>& windows)
{
    auto all = windows_;
    for (const auto& each : windows) {
        const auto same = std::find_if(all.begin(), all.end(), [&](const auto& ours) { return ours.per == each.per; });
        if (same == all.end())
            all.push_back(each);
        else
            same->limit = (std::min)(same->limit, each.limit);
    }
    if (all != windows_) keep_to(std::move(all));
}

void rate_limiter::keep_to(std::vector<rate_window> windows)
{
    windows_ = std::move(windows);
    std::sort(windows_.begin(), windows_.end(), [](const auto& a, const auto& b) { return a.per < b.per; });
    configured_ = windows_.back().limit;
    const auto own = digitalocean_limits().back();
    ceiling_ = windows_.back() == own ? own.limit * most_raise : configured_;
    foreign_ = foreign_traffic(windows_.back().per, windows_.front().per);
    resize_log();
}

/// A few stamps more than the windows need, for answers that were under way while the oldest ones left.
void rate_limiter::resize_log()
{
    std::size_t most = 0;
    for (const auto& window : windows_) most = (std::max)(most, window.limit);
    longest_log_ = most + 2 * windows_.front().limit;
}

std::optional<rate_limiter::ticket> rate_limiter::reserve(instant now, const terms& on)
{
    if (next(now, on) > now) return std::nullopt;
    if (state_ == state::probing && now < probe_due_) return std::nullopt;
    if (state_ == state::open && in_flight_ >= most_at_once(now)) return std::nullopt;
    if (state_ != state::open) send_probe(now);
    ++in_flight_;
    return ticket{generation_, settled_, now};
}

/// Nothing is known to be amiss when the first request of all is slow: another one may go, one at a time.
void rate_limiter::send_probe(instant now)
{
    state_ = state::probing;
    ramp_ = 1;
    const duration pause = windows_.empty() ? pause_after_probe : (std::min)(pause_after_probe, windows_.front().per);
    probe_due_ = generation_ == 0 ? now + pause : never;
    if (generation_ != 0) resume_ = now + pause;
}

instant rate_limiter::next(instant now, const terms& on, std::size_t ahead) const
{
    instant at = state_ == state::closed ? (std::max)(now, until_) : (std::max)(now, resume_);
    for (std::size_t i = 0; i < windows_.size(); ++i) {
        const std::size_t spared = i == 0 ? (std::min)(on.leave, windows_[i].limit - 1) : 0;
        at = (std::max)(at, free_at(windows_[i], windows_[i].limit - spared, ahead, now));
    }
    at = (std::max)(at, reported_free_at(ahead, now));
    return on.lane == lane::bulk ? (std::max)(at, courteous_at(now)) : at;
}

/// Never more than the ramp allows; beside others, of what is left of the shortest window only our own proportion.
std::size_t rate_limiter::most_at_once(instant now) const
{
    if (windows_.empty()) return ramp_;
    const std::size_t others = foreign_.recent();
    if (others == 0) return ramp_;
    if (foreign_.is_stale(now)) return 1;
    const auto& window = windows_.front();
    const std::size_t own = used(window, now) + 1;
    const std::size_t share = less(window.limit, own + others) * own / (own + others);
    return (std::min)(ramp_, (std::max)(share, std::size_t(1)));
}

instant rate_limiter::free_at(const rate_window& window, std::size_t limit, std::size_t ahead, instant now) const
{
    const std::size_t unsettled = in_flight_ + ahead;
    if (unsettled >= limit) return now + window.per;
    const std::size_t back = limit - unsettled;
    if (log_.size() < back) return now;
    return (std::max)(now, log_[log_.size() - back] + window.per);
}

/** By the account's own count, foreign requests included.

    Where it leaves nothing, one request goes when the API says that its oldest one leaves the window; the answer
    tells how many more are free.
*/
instant rate_limiter::reported_free_at(std::size_t ahead, instant now) const
{
    const std::size_t others = foreign_.used(now);
    if (reported_limit_ == 0 || others == 0) return now;
    const auto& window = windows_.back();
    const std::size_t needed = stamps_since(now - window.per) + in_flight_ + ahead + others + 1;
    if (needed <= reported_limit_) return now;
    const instant probe = in_flight_ == 0 ? reported_reset_ : now + window.per;
    return (std::max)(now, (std::min)(probe, when_gone(window, needed - reported_limit_, now)));
}

/// For a bulk: what others are seen to use is left to them, half of the longest window at most.
instant rate_limiter::courteous_at(instant now) const
{
    if (windows_.empty()) return now;
    const auto& longest = windows_.back();
    const std::size_t own = stamps_since(now - longest.per) + in_flight_ + 1;
    const std::size_t expected = (std::min)(foreign_.expected(now), longest.limit / 2);
    instant at = now;
    if (expected != 0 && own + expected > longest.limit) at = when_gone(longest, own + expected - longest.limit, now);
    if (foreign_.is_new(now)) return at;
    const auto& shortest = windows_.front();
    const std::size_t floor = (std::max)(shortest.limit / 50, std::size_t(1));
    const std::size_t others = (std::min)(foreign_.recent(), shortest.limit - floor);
    const std::size_t mine = used(shortest, now) + 1;
    if (others != 0 && mine + others > shortest.limit)
        at = (std::max)(at, when_gone(shortest, mine + others - shortest.limit, now));
    return at;
}

instant rate_limiter::when_gone(const rate_window& window, std::size_t count, instant now) const
{
    const std::size_t in_window = stamps_since(now - window.per);
    if (count > in_window) return now; // answers under way decide
    return log_[log_.size() - in_window + count - 1] + window.per;
}

std::size_t rate_limiter::stamps_since(instant when) const
{
    return static_cast<std::size_t>(log_.end() - std::upper_bound(log_.begin(), log_.end(), when));
}

void rate_limiter::stamp(instant now)
{
    ++settled_;
    if (longest_log_ == 0) return;
    while (log_.size() >= longest_log_) log_.pop_front();
    log_.push_back(log_.empty() ? now : (std::max)(now, log_.back()));
}

void rate_limiter::settle(const ticket& used, instant now)
{
    --in_flight_;
    stamp(now);
    if (used.generation != generation_) return;
    state_ = state::open;
    refusals_ = 0;
    if (ramp_ != unlimited) ++ramp_;
}

void rate_limiter::lose(const ticket& used, instant now)
{
    --in_flight_;
    stamp(now);
    if (used.generation == generation_ && state_ == state::probing) state_ = state::closed;
}

void rate_limiter::settle(const ticket& used, const answer_hints& said, const arrival& at)
{
    learn(used, said, at);
    settle(used, at.now);
}

void rate_limiter::give_back(const ticket& unused)
{
    --in_flight_;
    if (unused.generation == generation_ && state_ == state::probing) state_ = state::closed;
}

void rate_limiter::refuse(const ticket& used, instant now, instant until)
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

void rate_limiter::refuse(const ticket& used, const answer_hints& said, const arrival& at)
{
    refuse(used, at.now, at.now + wait_after_refusal(said, at.wall, refusals_, at.unit));
}

/// The header speaks of the hour. It is ours if ours is as long, or if it has the same limit (scaled down in tests).
bool rate_limiter::speaks_of_longest(std::size_t limit) const
{
    if (windows_.empty() || limit == 0 || limit > largest_sane_limit) return false;
    return windows_.back().per >= 1h || limit == configured_;
}

/// Called while the request still counts as under way.
void rate_limiter::learn(const ticket& used, const answer_hints& said, const arrival& at)
{
    const auto& quota = said.rate_limit;
    if (!quota.limit || !speaks_of_longest(*quota.limit)) return;
    adapt(*quota.limit);
    if (!quota.remaining || *quota.remaining > *quota.limit) return;
    reported_limit_ = *quota.limit;
    const duration wait = wait_for_reset(said, at.wall);
    reported_reset_ = at.now + wait + jitter(wait, at.unit);

    // The server counted ours at some moment between sending and now; what left its window meanwhile may be counted or not.
    const auto per = windows_.back().per;
    const duration trip = at.now - used.sent;
    const std::size_t since = settled_ - used.settled_before;
    const std::size_t least_own = less(stamps_since(at.now - per + 2 * trip), static_cast<std::size_t>(since)) + 1;
    const std::size_t most_own = stamps_since(used.sent - per) + in_flight_;
    const std::size_t in_use = *quota.limit - *quota.remaining;
    foreign_.observe(less(in_use, most_own), less(in_use, least_own), at.now);
}

/// Down at once, up again when several answers in a row agree, and only where the limit is DigitalOcean's own.
void rate_limiter::adapt(std::size_t limit)
{
    std::size_t& current = windows_.back().limit;
    const std::size_t wanted = (std::min)(limit, ceiling_);
    agreeing_ = limit == candidate_ ? agreeing_ + 1 : 1;
    candidate_ = limit;
    if (wanted > current && agreeing_ < answers_that_raise) return;
    current = wanted;
    resize_log();
}

std::optional<instant> rate_limiter::closed_until() const noexcept
{
    if (state_ != state::closed || generation_ == 0) return std::nullopt;
    return until_;
}

std::size_t rate_limiter::used(const rate_window& window, instant now) const
{
    return stamps_since(now - window.per) + in_flight_;
}

}
