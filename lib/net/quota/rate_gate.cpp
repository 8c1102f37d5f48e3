#include "net/quota/rate_gate.hpp"

#include "core/quota/quota_estimate.hpp"
#include "core/scoped_flag.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace doks::net {

using namespace std::chrono_literals;

namespace {

constexpr auto look_again = 50ms;

std::string length_text(core::duration length)
{
    using namespace std::chrono;
    const auto count = [](auto whole) { return std::to_string(whole.count()); };
    if (length % hours(1) == hours(0)) return count(duration_cast<hours>(length)) + " h";
    if (length % minutes(1) == minutes(0)) return count(duration_cast<minutes>(length)) + " min";
    return count(duration_cast<milliseconds>(length)) + " ms";
}

/// A gateway does not know the API's quota; its Retry-After is its own and counts.
core::response_hints without_quota(core::response_hints hints)
{
    hints.rate_limit = {};
    return hints;
}

/// Who has the slots, for a call that gets none.
std::string users_of_slots(const rate_limit_state& quota)
{
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
    if (quota.closed_until) add("the API refused a request with 429");
    for (const auto& window : quota.windows)
        add(std::to_string(window.used) + " of " + std::to_string(window.limit.limit) + " requests of the last " +
            length_text(window.limit.per) + " are this process's");
    if (quota.external != 0) add(std::to_string(quota.external) + " are of others that use the token");
    if (quota.parked != 0) add(std::to_string(quota.parked) + " calls wait");
    return text;
}

}

permit::~permit()
{
    if (!from_) return;
    from_->with([&](auto& limiter) {
        try {
            limiter.lose(ticket_, ticket_.sent);
        } catch (const std::bad_alloc&) {
            limiter.give_back(ticket_); // its time cannot be kept; it must not count as under way for ever
        }
    });
}

bool permit::is_good() const
{
    return from_->with([&](auto& limiter) { return limiter.is_good(ticket_); });
}

void permit::settle(const core::outcome& outcome, const core::rate_limiter::arrival& at) &&
{
    from_->with([&](core::rate_limiter& limiter) {
        if (!outcome.sent)
            limiter.give_back(ticket_);
        else if (outcome.status == 0)
            limiter.lose(ticket_, at.now);
        else if (outcome.status == 429)
            limiter.refuse(ticket_, outcome.of_api ? outcome.hints : without_quota(outcome.hints), at);
        else if (!outcome.of_api)
            limiter.settle(ticket_, at.now);
        else
            limiter.settle(ticket_, outcome.hints, at);
    });
    from_.reset(); // out of memory above, it is lost
}

void rate_gate::use(std::shared_ptr<shared_limiter> limiter)
{
    {
        const std::lock_guard held(shown_mutex_);
        shown_ = limiter;
    }
    limiter_ = std::move(limiter);
    pump();
}

std::optional<core::instant> rate_gate::enter(waiter& entering, const terms& conditions)
{
    const auto& [slot, deadline, again] = conditions;
    entering.slot_ = slot;
    queue& others = queue_of(entering);
    const std::size_t ahead = again ? 0 : single_.size() + (&others == &bulk_ ? bulk_.size() : 0);
    const auto now = timers_->now();
    const auto at = limiter_->with([&](auto& limiter) {
        return limiter.next(now, {entering.slot_.priority, 0}, ahead);
    });
    if (at > deadline) return at;
    again ? others.push_front(entering) : others.push_back(entering);
    ++parked_;
    pump();
    return std::nullopt;
}

void rate_gate::leave(waiter& leaving)
{
    if (!leaving.is_linked()) return; // turned away, or left before memory ran out
    queue& others = queue_of(leaving);
    others.erase(others.iterator_to(leaving));
    if (--parked_ == 0) timers_->clear(*this);
}

bool rate_gate::admit_first(queue& waiting)
{
    if (waiting.empty()) return false;
    waiter& first = waiting.front();
    const auto now = timers_->now();
    const auto ticket = limiter_->with([&](auto& limiter) { return limiter.reserve(now, first.slot_); });
    if (!ticket) return false;
    waiting.pop_front();
    --parked_;
    first.admitted(permit{limiter_, *ticket});
    return true;
}

void rate_gate::pump()
{
    if (pumping_ || !limiter_) return;
    const core::scoped_flag pumping(pumping_);
    try {
        while (admit_first(single_)) {
        }
        while (single_.empty() && admit_first(bulk_)) {
        }
    } catch (const std::bad_alloc&) {
        if (waiting() != 0) timers_->set(*this, timers_->now() + look_again);
        throw;
    }
    waiting() == 0 ? timers_->clear(*this) : sleep();
}

core::instant rate_gate::next_slot() const
{
    const auto now = timers_->now();
    const auto& first = single_.empty() ? bulk_ : single_;
    const auto slot = first.empty() ? core::rate_limiter::terms() : first.front().slot_;
    return limiter_->with([&](auto& limiter) { return limiter.next(now, slot); });
}

failure_record rate_gate::why_closed(core::instant free_at) const
{
    const auto wait = (std::max)(core::duration(0), free_at - timers_->now());
    failure_record record;
    record.code = errc::quota_exhausted;
    record.phase = core::to_string(core::phase::quota);
    record.why = stop_reason::deadline;
    record.layer = "rate_limited";
    record.retry_after = wait;
    record.retry_at = timers_->time().wall_now() + wait;
    record.detail = users_of_slots(state());
    record.remedy = "give the call a longer deadline, or fewer calls to this token";
    return record;
}

rate_limit_state rate_gate::state() const
{
    rate_limit_state shown;
    shown.parked = parked_;
    const auto now = timers_->now();
    const auto limiter = this->shown();
    if (!limiter) {
        for (const auto& each : windows_) shown.windows.push_back({each, 0});
        return shown;
    }
    limiter->with([&](auto& of) {
        for (const auto& each : of.windows()) shown.windows.push_back({each, of.used(each, now)});
        shown.external = of.external(now);
        shown.in_flight = of.in_flight();
        shown.next_slot = of.next(now);
        shown.closed_until = of.closed_until();
    });
    return shown;
}

core::instant rate_gate::estimate(std::size_t requests) const
{
    const auto now = timers_->now();
    const core::rate_limiter::terms bulk{priority::bulk, 0};
    const auto limiter = shown();
    if (!limiter) return core::estimate(core::rate_limiter(windows_), now, bulk, requests);
    return limiter->with([&](auto& of) { return core::estimate(of, now, bulk, requests); });
}

std::shared_ptr<shared_limiter> rate_gate::shown() const
{
    const std::lock_guard held(shown_mutex_);
    return shown_;
}

/// If a slot seems free although the limiter gave none, a probe uses it, possibly another client's: look again soon.
void rate_gate::sleep()
{
    const auto now = timers_->now();
    const auto at = next_slot();
    timers_->set(*this, at > now ? at : now + look_again);
}

}
