#pragma once

#include <doks/policy.hpp>

#include <chrono>
#include <concepts>

namespace doks::impl {

/// What an attempt of a client's call brings; opaque to the policies that stand around it.
struct api_reply;
using reply_handle = std::shared_ptr<api_reply>;

/// One attempt of a client's call, past the rate gate and back; each call of it is another attempt.
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
        : from_(std::move(from))
    {}
    asio::awaitable<reply_handle> operator()() const { return from_->attempt(); }

private:
    std::shared_ptr<maker> from_;
};

/// A policy of any shape around a client's attempts.
class client_policy
{
public:
    virtual ~client_policy() = default;
    virtual asio::awaitable<reply_handle> around(api_attempt attempt) const = 0;
    /// It ends its calls by itself.
    virtual bool has_deadline() const noexcept = 0;
    /// The bound of an attempt from its admission on; the largest duration without one.
    virtual std::chrono::steady_clock::duration attempt_bound() const noexcept = 0;
};

/// The policy by the client's clock. Throws where it holds a rate gate: an attempt of a client's passes the client's own.
policy adapted(const policy& which, const client& to);
/// A deadline stands around the whole of it.
bool has_deadline(const policy& which) noexcept;
/// Takes out the timeouts that stand directly around the attempt, for only the call itself knows when that is admitted.
std::chrono::steady_clock::duration take_attempt_bound(policy& innermost);

template <class Policy> const Policy& adapted_part(const Policy& users, const client&) { return users; }
inline policy adapted_part(const policy& ours, const client& to) { return adapted(ours, to); }

/// Of the policies, the first one of doks tells.
template <class First, class... Rest> bool begins_with_deadline(const First& first, const Rest&... rest) noexcept
{
    if constexpr (std::same_as<First, policy>)
        return has_deadline(first);
    else if constexpr (sizeof...(Rest) != 0)
        return begins_with_deadline(rest...);
    else
        return false;
}

template <class... Policies> class erased_policy final : public client_policy
{
public:
    erased_policy(const std::tuple<Policies...>& parts, const client& to)
        : policy_(prepared(parts, to, attempt_bound_))
    {}
    asio::awaitable<reply_handle> around(api_attempt attempt) const override { return policy_(std::move(attempt)); }
    bool has_deadline() const noexcept override
    {
        return std::apply([](const auto&... each) { return begins_with_deadline(each...); }, policy_.policies());
    }
    std::chrono::steady_clock::duration attempt_bound() const noexcept override { return attempt_bound_; }

private:
    using tuple = std::tuple<Policies...>;
    static tuple prepared(const tuple& parts, const client& to, std::chrono::steady_clock::duration& bound)
    {
        auto own = std::apply([&](const auto&... each) { return tuple(adapted_part(each, to)...); }, parts);
        auto& innermost = std::get<sizeof...(Policies) - 1>(own);
        if constexpr (std::same_as<std::decay_t<decltype(innermost)>, policy>) bound = take_attempt_bound(innermost);
        return own;
    }

    std::chrono::steady_clock::duration attempt_bound_ = (std::chrono::steady_clock::duration::max)();
    stack<Policies...> policy_;
};

}
