#pragma once

#include <doks/policy.hpp>

#include <chrono>
#include <concepts>

namespace doks::impl {

/// The response of one attempt; opaque to the policies around it.
struct api_reply;
using reply_handle = std::shared_ptr<api_reply>;

/// Makes one attempt of a client's call, the rate gate included, each time it is called.
class api_attempt
{
public:
    struct maker
    {
        virtual asio::awaitable<reply_handle> attempt() = 0;

    protected:
        ~maker() = default;
    };

    explicit api_attempt(std::shared_ptr<maker> from) noexcept
        : maker_(std::move(from))
    {}
    asio::awaitable<reply_handle> operator()() const { return maker_->attempt(); }

private:
    std::shared_ptr<maker> maker_;
};

/// A policy of any shape around a client's attempts.
class client_policy
{
public:
    virtual ~client_policy() = default;
    virtual asio::awaitable<reply_handle> around(api_attempt attempt) const = 0;
    /// True if its outermost layer bounds the whole call, so that the client's default timeout does not apply.
    virtual bool has_timeout() const noexcept = 0;
    /// The bound of an attempt from its admission on; the largest duration if there is none.
    virtual std::chrono::steady_clock::duration attempt_bound() const noexcept = 0;
};

/// The policy on the client's clock. Throws if it contains a rate gate: a client's attempts pass the client's own.
policy adapted(const policy& around, const client& client);
/// True if its outermost layer is a timeout.
bool has_timeout(const policy& policy) noexcept;
/// Removes the attempt timeouts next to the attempt and returns their bound: only the call knows when it is admitted.
std::chrono::steady_clock::duration take_attempt_bound(policy& innermost);

template <class Policy> const Policy& adapted_part(const Policy& users, const client&) { return users; }
inline policy adapted_part(const policy& ours, const client& client) { return adapted(ours, client); }

/// True if the first policy of doks begins with a timeout; those of the user are not known.
template <class First, class... Rest> bool begins_with_timeout(const First& first, const Rest&... rest) noexcept
{
    if constexpr (std::same_as<First, policy>)
        return has_timeout(first);
    else if constexpr (sizeof...(Rest) != 0)
        return begins_with_timeout(rest...);
    else
        return false;
}

template <class... Policies> class erased_policy final : public client_policy
{
public:
    erased_policy(const std::tuple<Policies...>& parts, const client& client)
        : policy_(prepared(parts, client, attempt_bound_))
    {}
    asio::awaitable<reply_handle> around(api_attempt attempt) const override { return policy_(std::move(attempt)); }
    bool has_timeout() const noexcept override
    {
        return std::apply([](const auto&... part) { return begins_with_timeout(part...); }, policy_.policies());
    }
    std::chrono::steady_clock::duration attempt_bound() const noexcept override { return attempt_bound_; }

private:
    using tuple = std::tuple<Policies...>;
    static tuple prepared(const tuple& parts, const client& client, std::chrono::steady_clock::duration& bound)
    {
        auto own = std::apply([&](const auto&... part) { return tuple(adapted_part(part, client)...); }, parts);
        auto& innermost = std::get<sizeof...(Policies) - 1>(own);
        if constexpr (std::same_as<std::decay_t<decltype(innermost)>, policy>) bound = take_attempt_bound(innermost);
        return own;
    }

    std::chrono::steady_clock::duration attempt_bound_ = (std::chrono::steady_clock::duration::max)();
    policy_stack<Policies...> policy_;
};

}
