#include "core/retry/retry_loop.hpp"

#include <algorithm>

namespace doks::core {

std::string_view layer_that_stops(
    stop_reason why, const boost::system::error_code& cause, const call_policy& around) noexcept
{
    switch (why) {
    case stop_reason::deadline:
        return "timeout";
    case stop_reason::exhausted:
        return around.retry.attempts == 1 && cause == errc::timed_out ? "attempt_timeout" : "retry";
    case stop_reason::budget:
    case stop_reason::not_replayable:
        return "retry";
    default:
        return "";
    }
}

retry_loop::retry_loop(const call_policy& how, instant now)
    : policy_(how)
    , started_(now)
    , deadline_((std::min)(how.deadline, later(now, how.timeout)))
{}

void retry_loop::pause(instant now)
{
    if (paused_) return;
    paused_ = true;
    left_ = deadline_ == never ? (duration::max)() : deadline_ - now;
}

void retry_loop::admitted(instant now)
{
    if (paused_) deadline_ = (std::min)(policy_.deadline, later(now, left_));
    paused_ = false;
    attempt_due_ = later(now, policy_.attempt);
}

decision retry_loop::ended(const outcome& how, retry_budget& budget, instant now, double unit)
{
    retry_state counted = used_;
    ++counted.attempts;
    if (is_garbled(how)) ++counted.garbled;
    const auto next = decide(how, counted, policy_.retry, budget, now, deadline_, unit);
    switch (next.verdict) {
    case verdict::resend:
        used_.resent = true;
        ++free_sends_;
        break;
    case verdict::wait_for_quota:
        ++free_sends_;
        break;
    case verdict::renew_token:
        break;
    case verdict::retry:
        counted.retried = true;
        counted.reconnected = counted.reconnected || next.fresh;
        [[fallthrough]];
    default:
        used_ = counted;
    }
    return next;
}

void retry_loop::token_renewed() noexcept
{
    ++free_sends_;
    ++used_.renewals;
}

}
