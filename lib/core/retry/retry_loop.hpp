#pragma once

#include "core/retry/retry.hpp"

#include <string_view>

namespace doks::core {

/// The policy around the attempts of a call, as plain values. By default there is no bound.
struct call_policy
{
    duration timeout = (duration::max)();
    instant deadline = never;
    duration attempt = (duration::max)(); ///< from admission to the end of the attempt
    retry_rules retry;
};

/** One run of a policy: knows the bounds, counts the attempts, and decides what follows each of them.

    It serves both engines, `net::call` and `net::policy_run`, which own one and differ only in how they make an attempt. The
    owner calls `admitted` when an attempt may begin, `ended` when it is over, and keeps to the bounds.

    | the loop is | entered by                              | left by                                                   |
    |-------------|-----------------------------------------|-----------------------------------------------------------|
    | started     | construction; the timeout runs          | admitted; pause                                           |
    | paused      | pause, in a bulk that waits for quota   | admitted: the rest of the timeout runs from then on       |
    | in attempt  | admitted; the attempt's timeout runs    | ended: stop and deliver are final, the others repeat      |
*/
class retry_loop
{
public:
    retry_loop() = default;
    retry_loop(const call_policy& how, instant now);

    instant started() const noexcept { return started_; }
    instant deadline() const noexcept { return deadline_; }
    /// When the attempt under way must be over.
    instant attempt_bound() const noexcept { return attempt_due_ < deadline_ ? attempt_due_ : deadline_; }

    /// The timeout does not run until the next admission; the deadline of the options goes on to count.
    void pause(instant now);
    void admitted(instant now);

    /// What follows; counts the attempt unless it is free.
    decision ended(const outcome& how, retry_budget& budget, instant now, double unit);
    /// Counts a request as an attempt for which `ended` was not called, or which that took for a free one.
    void count_sent() noexcept { ++used_.attempts; }
    /// Another token replaces the refused one.
    void token_renewed() noexcept;

    unsigned attempts() const noexcept { return used_.attempts; }
    unsigned resends() const noexcept { return free_sends_; }

private:
    call_policy policy_;
    instant started_{};
    instant deadline_ = never;
    instant attempt_due_ = never;
    duration left_ = (duration::max)();
    bool paused_ = false;
    retry_state used_;
    unsigned free_sends_ = 0;
};

/// The name of the layer that ends a call for this reason; empty where the cause alone does.
std::string_view layer_that_stops(
    stop_reason why, const boost::system::error_code& cause, const call_policy& around) noexcept;

}
