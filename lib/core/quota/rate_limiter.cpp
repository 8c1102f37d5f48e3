#include "core/quota/rate_limiter.hpp"
#include "core/retry/retry.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace doks::core {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t unlimited = SIZE_MAX;
/// How many more may be under way after each response, where neither a refusal nor another user of the token was ever seen.
constexpr std::size_t step_while_idle = 63;
/// After a closure only the probe goes for so long, so that processes that come back together do not meet again.
constexpr duration pause_after_probe = 1s;
/// A probe without a response for so long, a user's own call perhaps, does not hold up all others.
constexpr duration longest_probe = 15s;

std::size_t less(std::size_t a, std::size_t b) { return a - (std::min)(a, b); }

/// By how much a count of independent arrivals varies.
std::size_t root(std::size_t count) { return static_cast<std::size_t>(std::ceil(std::sqrt(count))); }

}

rate_limiter::rate_limiter(std::vector<rate_window> windows)
    : external_(1h, 1min, 250)
    , ramp_(unlimited)
{
    if (windows.empty()) return;
    keep_to(std::move(windows));
    state_ = state::closed;
}

void rate_limiter::restrict_to(const std::vector<rate_window>& windows)
{
    auto all = given_;
    for (const auto& each : windows) {
        const auto same = std::find_if(all.begin(), all.end(), [&](const auto& ours) { return ours.per == each.per; });
        if (same == all.end())
            all.push_back(each);
        else
            same->limit = (std::min)(same->limit, each.limit);
    }
    if (all != given_) keep_to(std::move(all));
}

void rate_limiter::keep_to(std::vector<rate_window> windows)
{
    std::sort(windows.begin(), windows.end(), [](const auto& a, const auto& b) { return a.per < b.per; });
    given_ = windows_ = std::move(windows);
    account_ = effective_limit(windows_.back());
    external_ = external_usage(windows_.back().per, windows_.front().per, windows_.front().limit);
    resize_log();
}

/// A limit that was lowered may come back, and then the stamps of the whole window count.
void rate_limiter::resize_log()
{
    std::size_t most = 0;
    for (const auto& window : windows_) most = (std::max)(most, window.limit);
    log_.keep(most);
}

std::optional<rate_limiter::ticket> rate_limiter::reserve(instant now, const terms& on)
{
    if (next(now, on) > now) return std::nullopt;
    if (state_ == state::probing && now < probe_due_) return std::nullopt;
    if (state_ == state::open && in_flight_ >= most_at_once(now)) return std::nullopt;
    if (state_ != state::open) send_probe(now);
    if (on.priority == priority::bulk) last_bulk_ = now;
    ++in_flight_;
    return ticket{generation_, log_.total(), now};
}

/// Nothing is known to be amiss when the first request of all is slow: another one may go, one at a time.
void rate_limiter::send_probe(instant now)
{
    state_ = state::probing;
    ramp_ = 1;
    const duration pause = windows_.empty() ? pause_after_probe : (std::min)(pause_after_probe, windows_.front().per);
    probe_due_ = now + (generation_ == 0 ? pause : longest_probe);
    if (generation_ != 0) resume_ = now + pause;
}

instant rate_limiter::next(instant now, const terms& on, std::size_t ahead) const
{
    instant at = state_ == state::closed ? (std::max)(now, until_) : (std::max)(now, resume_);
    for (std::size_t i = 0; i < windows_.size(); ++i) {
        const std::size_t limit = windows_[i].limit;
        const std::size_t spared = i == 0 ? (std::min)(on.reserved_slots.value_or(limit / 25), limit - 1) : 0;
        const instant free = free_at(windows_[i], limit - spared, ahead, now);
        at = (std::max)(
            at, limit < given_[i].limit ? (std::min)(free, next_question(on.priority, pause_after_probe)) : free);
    }
    at = (std::max)(at, (std::min)(reported_free_at(ahead, now), next_question(on.priority, pause_after_probe)));
    if (on.priority == priority::single || windows_.empty()) return at;
    return (std::max)(at, (std::min)(courteous_at(now), next_question(on.priority, windows_.front().per)));
}

/** What answers say of other users delays no request for long where it may be wrong: another response tells.

    A call does not know how many agreed, and always asks; a bulk asks while they disagree. If they are right, the response is
    a 429, and says how long to wait.
*/
instant rate_limiter::next_question(core::priority on, duration pause) const
{
    const bool asks = on == priority::single || (external_.is_in_doubt() && in_flight_ == 0);
    return asks ? reported_at_ + pause : never;
}

/// Never more than the ramp allows; beside others, of what is left of the shortest window only our own proportion.
std::size_t rate_limiter::most_at_once(instant now) const
{
    if (windows_.empty()) return ramp_;
    const std::size_t in_hour = external_.used(now);
    if (in_hour == 0) return ramp_;
    if (is_nearly_used_up(now) || external_.is_stale(now) || external_.is_new(now)) return 1;
    const std::size_t others = external_.recent();
    const auto& window = windows_.front();
    const std::size_t own = used(window, now) + 1;
    const std::size_t share = less(window.limit, own + others) * own / (own + others);
    return (std::min)(ramp_, (std::max)(share, std::size_t(1)));
}

/// Then what comes and what expires in the longest window hide one another.
bool rate_limiter::is_nearly_used_up(instant now) const
{
    const auto& longest = windows_.back();
    return external_.used(now) + used(longest, now) > longest.limit / 4 * 3;
}

instant rate_limiter::free_at(const rate_window& window, std::size_t limit, std::size_t ahead, instant now) const
{
    const std::size_t unsettled = in_flight_ + ahead;
    if (unsettled >= limit) return now + window.per;
    const std::size_t back = limit - unsettled;
    const auto last = log_.newest(back);
    return last ? (std::max)(now, *last + window.per) : now;
}

/** By the account's own count, foreign requests included.

    Where it leaves nothing, one request goes when the API says that its oldest one leaves the window; the response
    tells how many more are free.
*/
instant rate_limiter::reported_free_at(std::size_t ahead, instant now) const
{
    const std::size_t others = external_.used(now);
    if (reported_limit_ == 0 || others == 0) return now;
    const auto& window = windows_.back();
    const std::size_t needed = log_.since(now - window.per) + in_flight_ + ahead + others + 1;
    if (needed <= reported_limit_) return now;
    const instant probe = in_flight_ == 0 ? reported_reset_ : now + window.per;
    return (std::max)(now, (std::min)(probe, log_.when_gone(window.per, needed - reported_limit_, now)));
}

/** For a bulk: what others are seen to use is left to them, and room for their traffic to vary.

    Of the longest window that is half at most; so a bulk is not starved, and a steady competitor gets its own half.
*/
instant rate_limiter::courteous_at(instant now) const
{
    if (windows_.empty()) return now;
    const auto& longest = windows_.back();
    const auto& shortest = windows_.front();
    const std::size_t in_hour = external_.used(now);
    if (in_hour == 0) return now;
    const std::size_t left_to_them = (std::min)(in_hour, longest.limit / 2) + 3 * root(in_hour);
    instant at = within(longest, longest.limit, left_to_them, now);

    const std::size_t floor = (std::max)(shortest.limit / 50, std::size_t(1));
    std::size_t others = external_.recent();
    if (external_.is_new(now)) others = (std::max)(others, shortest.limit / 2);
    others = (std::min)(others + root(others) * 2 / 3, shortest.limit - floor);
    at = (std::max)(at, within(shortest, shortest.limit, others, now));
    return (std::max)(at, last_bulk_ + pace_.spacing());
}

/// When one more of ours fits beside so many of others.
instant rate_limiter::within(const rate_window& window, std::size_t limit, std::size_t others, instant now) const
{
    const std::size_t needed = used(window, now) + 1 + others;
    return needed <= limit ? now : log_.when_gone(window.per, needed - limit, now);
}

void rate_limiter::settle(const ticket& used, instant now)
{
    log_.add(now);
    --in_flight_;
    if (used.generation != generation_) return;
    state_ = state::open;
    refusals_ = 0;
    const bool idle = generation_ == 0 && external_.used(now) == 0;
    if (ramp_ != unlimited) ramp_ += idle ? step_while_idle : 1;
}

void rate_limiter::lose(const ticket& used, instant now)
{
    log_.add(now);
    --in_flight_;
    if (used.generation == generation_ && state_ == state::probing) state_ = state::closed;
}

void rate_limiter::settle(const ticket& used, const response_hints& said, const arrival& at)
{
    learn(used, clock_.refined(said, at.now), at);
    settle(used, at.now);
    if (!windows_.empty()) pace_.answered(windows_.front(), external_.recent(), at.now);
}

void rate_limiter::give_back(const ticket& unused)
{
    --in_flight_;
    if (unused.generation == generation_ && state_ == state::probing) state_ = state::closed;
}

void rate_limiter::refuse(const ticket& used, instant now, instant until)
{
    log_.add(now);
    --in_flight_;
    if (used.generation != generation_) {
        until_ = (std::max)(until_, until);
        return;
    }
    ++generation_;
    ++refusals_;
    state_ = state::closed;
    until_ = until;
}

void rate_limiter::refuse(const ticket& used, const response_hints& given, const arrival& at)
{
    const auto said = clock_.refined(given, at.now);
    // A refusal by the minute reports nothing left of the hour, whatever is.
    if (!said.retry_after) learn(used, said, at);
    if (used.generation == generation_ && is_crowded(said, at.now)) {
        const auto window = windows_.front().per;
        pace_.refused(log_.since(at.now - window), window, at.now);
    }
    const auto spread = std::chrono::duration_cast<duration>(pace_.spacing() * at.unit);
    refuse(used, at.now, at.now + wait_after_refusal(said, at.wall, refusals_, at.unit) + spread);
}

/** A refusal beside others that counting does not explain: they reach for the same slots.

    A refusal by the minute, while the others are seen to leave a good part of it, is one that came a little early.
*/
bool rate_limiter::is_crowded(const response_hints& said, instant now) const
{
    if (windows_.empty() || external_.used(now) == 0) return false;
    const auto& shortest = windows_.front();
    const bool by_minute = said.retry_after && !is_nearly_used_up(now);
    return !by_minute || external_.recent() > shortest.limit / 5 * 4;
}

/// Called while the request still counts as under way.
void rate_limiter::learn(const ticket& used, const response_hints& said, const arrival& at)
{
    const auto& quota = said.rate_limit;
    if (!quota.limit || !account_.speaks_of_ours(*quota.limit)) return;
    limit_in_doubt_ = !account_.heard(*quota.limit);
    windows_.back().limit = account_.limit();
    resize_log();
    if (limit_in_doubt_ || !quota.remaining || *quota.remaining > *quota.limit) return;
    reported_limit_ = *quota.limit;
    reported_at_ = at.now;
    reported_reset_ = at.now + wait_for_reset(said, at.wall);

    // The server counted ours at some moment between sending and now; what left its window meanwhile may be counted or not.
    const auto per = windows_.back().per;
    const duration trip = at.now - used.sent;
    const auto since = static_cast<std::size_t>(log_.total() - used.settled_before);
    const std::size_t least_own = less(log_.since(at.now - per + 2 * trip), since) + 1;
    const std::size_t most_own = log_.since(used.sent - per) + in_flight_;
    const std::size_t in_use = *quota.limit - *quota.remaining;
    external_.observe({less(in_use, most_own), less(in_use, least_own)}, at.now);
}

std::optional<instant> rate_limiter::closed_until() const noexcept
{
    if (state_ != state::closed || generation_ == 0) return std::nullopt;
    return until_;
}

std::size_t rate_limiter::used(const rate_window& window, instant now) const
{
    return log_.since(now - window.per) + in_flight_;
}

}
