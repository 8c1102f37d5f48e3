#pragma once

#include <doks/abi.hpp>
#include <doks/failure.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <concepts>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace doks {

class client;

namespace impl {
struct policy_layers;
struct retry_parts;
struct shared_budget;
struct policy_access;
}

/// How long to pause between two attempts. A server's own wait (Retry-After) goes first and is never cut short.
class backoff
{
private:
    backoff() = default;
    friend struct impl::policy_access;
    friend backoff full_jitter(std::chrono::steady_clock::duration, std::chrono::steady_clock::duration);
    friend backoff constant_backoff(std::chrono::steady_clock::duration);

    std::chrono::steady_clock::duration base_{};
    std::chrono::steady_clock::duration cap_{};
    bool constant_ = false;
};

/** Uniform between zero and the base, which doubles with each attempt up to the cap.

    Errors: throws `failure` (`invalid_argument`) where the base is not above zero or above the cap.
    Source: "Exponential Backoff And Jitter" (AWS, 2015).
*/
backoff full_jitter(std::chrono::steady_clock::duration base, std::chrono::steady_clock::duration cap);
/// The same pause each time; zero is allowed. Throws where it is negative.
backoff constant_backoff(std::chrono::steady_clock::duration pause);

/// How many attempts are made at most, the first one included. Throws where it is zero.
struct attempts
{
    explicit attempts(unsigned most);
    unsigned most;
};

/// What is tried again: whatever fulfils one of the conditions. Without it, what is `transient`.
template <std::same_as<condition>... Conditions> struct retry_on
{
    explicit retry_on(Conditions... which)
        : bits(((1U << static_cast<unsigned>(which)) | ...))
    {}
    unsigned bits;
};

/** How many retries those who share it can afford: they cost, successes earn.

    Shape: a handle; copies share the budget. It begins full, at 500; a retry takes 14, a success gives 1 back, or the 14
    where it took a retry.
    Threads: any.
    Source: the retry quota of the AWS SDKs.
*/
class retry_budget
{
public:
    retry_budget();

private:
    friend struct impl::policy_access;
    std::shared_ptr<impl::shared_budget> shared_;
};

/** What stands around an attempt: deadlines, retries, the rate gate, outermost first.

    Shape: a value, cheap to copy; it keeps nothing between calls but what is shared on purpose (a budget, a gate).
    `a | b` puts a around b. Applied to a callable that returns an awaitable it gives an awaitable of the same type, which
    runs on the caller's executor; the callable is called once for each attempt. A `result` that holds an error is a
    failed attempt as an exception is.
    Errors: what the last attempt threw comes out unchanged. Where a policy ended it, a `failure` names the layer
    (`stopped_by`), why (`why_stopped`), how many attempts, how long, and how the last one ended (`last_cause`); as a
    value where the callable returns a `result<T>`.
    Cancel: reaches the attempt under way, which is waited for: an attempt that ignores cancellation outlasts deadlines.
    Threads: any; the attempts of one application run on a strand over the caller's executor.
    There is no hedging: the endpoint mints a credential for each request, a second one in flight would leave a second.
*/
class policy
{
public:
    template <class F> std::invoke_result_t<F&> operator()(F call) const;

    friend policy operator|(const policy& outer, const policy& inner);

private:
    friend struct impl::policy_access;
    explicit policy(std::shared_ptr<const impl::policy_layers> layers) noexcept
        : layers_(std::move(layers))
    {}

    std::shared_ptr<const impl::policy_layers> layers_;
};

/// Everything inside it ends when this much time is over (`timed_out`). Throws where it is not above zero.
policy timeout(std::chrono::steady_clock::duration within);

/// Each attempt inside it ends after this much time, counted from its admission by a rate gate. Throws as `timeout`.
policy attempt_timeout(std::chrono::steady_clock::duration within);

namespace impl {
policy make_retry(const retry_parts& parts);
void add(retry_parts& to, const backoff& part) noexcept;
void add(retry_parts& to, const doks::attempts& part) noexcept;
void add(retry_parts& to, const retry_budget& part) noexcept;
void add_conditions(retry_parts& to, unsigned bits) noexcept;
template <std::same_as<condition>... Conditions> void add(retry_parts& to, const retry_on<Conditions...>& part)
{
    add_conditions(to, part.bits);
}

struct retry_parts
{
    unsigned attempts = 5;
    unsigned conditions = 0;
    std::shared_ptr<shared_budget> budget;
    std::chrono::steady_clock::duration base{}; ///< zero where no backoff was given
    std::chrono::steady_clock::duration cap{};
    bool constant = false;
    bool has_backoff = false;
};
}

/** Tries again what failed for a cause that is likely to pass.

    Shape: its parts in any order: `full_jitter` or `constant_backoff` (the client's own: full jitter from 100 ms, after a 5xx from
    1 s, to 20 s), `attempts` (5), `retry_on` (`condition::transient`), a `retry_budget` (around a client's attempts the client's
    own, else none).
*/
template <class... Parts> policy retry(const Parts&... parts)
{
    static_assert((std::same_as<Parts, attempts> + ... + 0) <= 1, "attempts stands there twice");
    static_assert((std::same_as<Parts, backoff> + ... + 0) <= 1, "two backoffs");
    static_assert((std::same_as<Parts, retry_budget> + ... + 0) <= 1, "two budgets");
    impl::retry_parts all;
    (impl::add(all, parts), ...);
    return impl::make_retry(all);
}

/** Each attempt inside it takes a slot of the client's token first, in the lane of single calls.

    Shape: for the user's own calls to the API; a client's calls pass its gate by themselves. An attempt that ends with
    `http_error(429)` closes the gate for all, uses no attempt, and is made again when the gate opens: bound it by a deadline.
    A deadline beside it that the wait would outlast fails at once. It holds the client as a handle does.
*/
policy rate_limited(const client& whose);

/// Base for a user's own policy: `template <class F> std::invoke_result_t<F&> operator()(F call) const`, a coroutine.
struct user_policy
{};

/// Policies of doks and of the user one around the other, outermost first.
template <class... Policies> class stack;

template <class T> inline constexpr bool is_policy = std::derived_from<T, user_policy> || std::same_as<T, policy>;
template <class... Policies> inline constexpr bool is_policy<stack<Policies...>> = true;

}

#include <doks/impl/policy.hpp>
