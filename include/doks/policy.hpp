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

/// The pause between two attempts. A server's own wait (Retry-After) takes precedence and is never cut short.
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

/** A random pause, uniform between zero and the base, which doubles with each attempt up to the cap.

    @throws failure with `invalid_argument` if the base is not above zero, or above the cap
    @see "Exponential Backoff And Jitter" (AWS, 2015)
*/
backoff full_jitter(std::chrono::steady_clock::duration base, std::chrono::steady_clock::duration cap);
/** The same pause each time; zero is allowed.

    @throws failure with `invalid_argument` if it is negative
*/
backoff constant_backoff(std::chrono::steady_clock::duration pause);

/// The most attempts, the first one included. Throws `failure` with `invalid_argument` if it is zero.
struct attempts
{
    explicit attempts(unsigned count);
    unsigned max;
};

/// Which failures are retried: those that meet one of the conditions. Without it, `transient` ones.
template <std::same_as<condition>... Conditions> struct retry_on
{
    explicit retry_on(Conditions... conditions)
        : bits(((1U << static_cast<unsigned>(conditions)) | ...))
    {}
    unsigned bits;
};

/** Limits the retries of all calls that share it: a retry costs tokens, a success earns some.

    A handle; copies share the budget. It begins full, with 500 tokens. A retry takes 14. A success gives 1 back, or 14 if it
    needed a retry.
    @par Thread safety
    Any thread.
    @see the retry quota of the AWS SDKs
*/
class retry_budget
{
public:
    retry_budget();

private:
    friend struct impl::policy_access;
    std::shared_ptr<impl::shared_budget> shared_;
};

/** Wraps the attempts of a call: timeouts, retries, the rate gate; the outermost layer first.

    A value, cheap to copy. Nothing outlives a call but what is shared on purpose (a budget, a gate). `a | b` puts a around
    b. There is no hedging: each request mints a credential, so a second one in flight would leave a second credential.
    @par Thread safety
    Any thread.
*/
class policy
{
public:
    /** Applies the policy to a callable that returns an awaitable, and calls it once for each attempt.

        @return an awaitable of the same type
        @throws the last attempt's exception unchanged; a `result` that holds an error is a failed attempt, too, and returned.
        If a policy ended the call, a `failure` says which layer (`stopped_by`), why (`why_stopped`), after how many attempts
        and how long, and how the last one ended (`last_cause`); it is returned if the callable returns a `result<T>`
        @par Executor
        The attempts run on a strand over the caller's executor, and the caller resumes on its own.
        @par Cancellation
        terminal, partial and total alike cancel the attempt under way and wait for it: an attempt that ignores
        cancellation outlasts deadlines.
    */
    template <class F> std::invoke_result_t<F&> operator()(F call) const;

    friend policy operator|(const policy& outer, const policy& inner);

private:
    friend struct impl::policy_access;
    explicit policy(std::shared_ptr<const impl::policy_layers> layers) noexcept
        : layers_(std::move(layers))
    {}

    std::shared_ptr<const impl::policy_layers> layers_;
};

/** Ends everything inside it after this time, with `timed_out`.

    @throws failure with `invalid_argument` if it is not above zero
*/
policy timeout(std::chrono::steady_clock::duration bound);

/// Ends each attempt inside it after this time, counted from its admission by a rate gate. Throws as `timeout` does.
policy attempt_timeout(std::chrono::steady_clock::duration bound);

namespace impl {
policy make_retry(const retry_parts& parts);
void add(retry_parts& parts, const backoff& part) noexcept;
void add(retry_parts& parts, const doks::attempts& part) noexcept;
void add(retry_parts& parts, const retry_budget& part) noexcept;
void add_conditions(retry_parts& parts, unsigned bits) noexcept;
template <std::same_as<condition>... Conditions> void add(retry_parts& parts, const retry_on<Conditions...>& part)
{
    add_conditions(parts, part.bits);
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

/** Retries attempts that failed for a cause that is likely to pass.

    Parts, in any order, with their defaults: `full_jitter` or `constant_backoff` (full jitter from 100 ms, after a 5xx from
    1 s, up to 20 s), `attempts` (5), `retry_on` (`condition::transient`), a `retry_budget` (for a client's attempts the
    client's own, else none).
*/
template <class... Parts> policy retry(const Parts&... parts)
{
    static_assert((std::same_as<Parts, attempts> + ... + 0) <= 1, "attempts is given twice");
    static_assert((std::same_as<Parts, backoff> + ... + 0) <= 1, "two backoffs");
    static_assert((std::same_as<Parts, retry_budget> + ... + 0) <= 1, "two budgets");
    impl::retry_parts all;
    (impl::add(all, parts), ...);
    return impl::make_retry(all);
}

/** Makes each attempt inside it wait for a slot of the client's token, with the priority of single calls.

    It is for the user's own calls to the API; a client's calls pass its gate without it. An attempt that ends with
    `http_error(429)` closes the gate for all, uses no attempt, and is made again when the gate opens: put a timeout around
    it. If the wait would outlast that timeout, the call fails at once. The policy holds the client as a handle does.
*/
policy rate_limited(const client& client);

/// Base of a user's own policies. One has a `template <class F> std::invoke_result_t<F&> operator()(F call) const`, a coroutine.
struct user_policy
{};

/// Policies of doks and of the user, one around the other, the outermost first.
template <class... Policies> class policy_stack;

template <class T> inline constexpr bool is_policy = std::derived_from<T, user_policy> || std::same_as<T, policy>;
template <class... Policies> inline constexpr bool is_policy<policy_stack<Policies...>> = true;

}

#include <doks/impl/policy.hpp>
