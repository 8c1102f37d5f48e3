#pragma once

#include "core/retry/retry.hpp"

#include <string_view>

namespace doks::core {

/// What stands around the attempts of a call, as plain values. What is left out sets no bound.
struct call_policy
{
    duration timeout = (duration::max)();
    instant deadline = never;
    duration attempt = (duration::max)(); ///< from admission to the end of the attempt
    retry_rules retry;
};

/** One run of a plan: knows the bounds, counts the attempts, and decides what follows each of them.

    The engine of every policy: a client's calls and what a user puts a policy around differ only in who makes the
    attempt. The owner calls `admitted` when an attempt may begin, `ended` when it is over, and keeps to the bounds.
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

    /// The deadline stands still until the next admission; a time point that was given goes on to count.
    void pause(instant now);
    void admitted(instant now);

    /// What follows; counts the attempt unless it is free.
    decision ended(const outcome& how, retry_budget& budget, instant now, double unit);
    /// The request that was sent counts as an attempt, though `ended` was not told of it, or took it for a free one.
    void count_sent() noexcept { ++used_.attempts; }
    /// Another token takes the place of the refused one.
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
