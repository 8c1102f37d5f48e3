#pragma once

#include "core/outcome.hpp"

#include <doks/failure.hpp>

#include <cstdint>

namespace doks::core {

/** Limits the retries of a client: a retry costs tokens, a success earns some.

    An API that is down drains it; then every call fails with its first cause instead of multiplying the load.
    @see the retry quota of the AWS SDKs.
*/
class retry_budget
{
public:
    static constexpr int capacity = 500;
    static constexpr int retry_cost = 14;

    bool withdraw() noexcept
    {
        if (tokens_ < retry_cost) return false;
        tokens_ -= retry_cost;
        return true;
    }
    /// A success: gives the last retry's price back, or one token where none was needed.
    void deposit(bool after_retry) noexcept
    {
        tokens_ = tokens_ + (after_retry ? retry_cost : 1);
        if (tokens_ > capacity) tokens_ = capacity;
    }
    int tokens() const noexcept { return tokens_; }

private:
    int tokens_ = capacity;
};

/// A set of conditions, as bits.
using condition_set = std::uint32_t;
constexpr condition_set only(condition kind) noexcept { return condition_set(1) << static_cast<unsigned>(kind); }

enum class growth
{
    full_jitter, ///< uniform between zero and the doubled base, at most the cap
    constant     ///< the base, each time
};

struct retry_rules
{
    unsigned attempts = 5;
    condition_set retried = only(condition::transient); ///< failures that meet one of these are retried
    core::growth growth = core::growth::full_jitter;
    duration base = std::chrono::milliseconds(100); ///< after connection trouble
    duration server_base = std::chrono::seconds(1); ///< after a 5xx that names no wait
    duration cap = std::chrono::seconds(20);
    duration longest_hint = std::chrono::hours(1); ///< a server's wait beyond this ends the call
    /// For a bulk: an empty budget delays an id instead of ending it, so does a 429 of any length; and responses that a gateway
    /// may have garbled are retried.
    bool is_bulk = false;
};

/// The attempts of a call so far.
struct retry_state
{
    unsigned attempts = 0;    ///< the one just ended included, unless it was free
    bool resent = false;      ///< the one free resend of a stale connection was made
    bool reconnected = false; ///< what a used connection may have caused was tried on a new one
    bool retried = false;     ///< a retry was paid for
    unsigned garbled = 0;     ///< responses that made no sense
    unsigned renewals = 0;    ///< times that another token was sent after a 401
};

/// What follows an attempt.
enum class verdict
{
    deliver,        ///< it succeeded
    resend,         ///< at once, on a connection that carried no request yet; uses no attempt
    renew_token,    ///< ask the token source once more; uses no attempt
    wait_for_quota, ///< the gate was told; queue again; uses no attempt
    retry,          ///< after `delay`
    stop
};

struct decision
{
    core::verdict verdict = core::verdict::stop;
    duration delay{};
    bool fresh = false; ///< the retry needs a new connection
    stop_reason why = stop_reason::permanent;
};

/// True if the server closed a connection that had idled before it saw the request: sending again does no harm.
bool is_stale(const outcome& ended) noexcept;

/// True for a response that makes no sense: broken framing, or a body that is not the kubeconfig asked for.
bool is_garbled(const outcome& ended) noexcept;

/** Decides what follows an attempt; the table of causes for an idempotent GET.

    Pure but for the budget, from which a retry is paid. `unit` is uniform in [0, 1), for full jitter. A server's
    own wait is never cut short; one of zero is none. A retry that the deadline leaves no time for is not paid for.
    @see RFC 9110 §9.2.2 (one automatic resend), §10.2.3; "Exponential Backoff And Jitter" (AWS, 2015).
*/
decision decide(const outcome& ended, const retry_state& so_far, const retry_rules& rules, retry_budget& budget,
    instant now, instant deadline, double unit);

/// Full jitter: uniform between zero and the doubled base, at most the cap. `attempt` counts from 1.
duration full_jitter(duration base, duration cap, unsigned attempt, double unit) noexcept;

/** When a 429 lets the next request go: Retry-After first, then the hour's reset measured by the server's own clock.

    A wait from now on, an hour at most; `refusals` in a row lengthen it where the server names none, or one that
    is over already. Jitter of up to 5 % and 10 s is added, so that processes that share a token do not come back together.
*/
duration wait_after_refusal(const response_hints& hints, wall_time now, unsigned refusals, double unit) noexcept;

/// `now + by`, or never where that is beyond all time.
instant later(instant now, duration by) noexcept;

/// How long until the hour's oldest request leaves it, by the server's own clock where it told; an hour at most.
duration wait_for_reset(const response_hints& hints, wall_time now) noexcept;

/// Keeps processes apart that wait for the same moment: up to 5 % of the wait, 10 s at most.
duration jitter(duration wait, double unit) noexcept;

}
