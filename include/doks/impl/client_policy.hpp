#pragma once

#include <doks/policy.hpp>

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
    /// It ends its calls by itself, sooner or later.
    virtual bool has_deadline() const noexcept = 0;
};

/// The policy by the client's clock. Throws where it holds a rate gate: an attempt of a client's passes the client's own.
policy adapted(const policy& which, const client& to);
bool has_deadline(const policy& which) noexcept;

template <class Policy> const Policy& adapted_part(const Policy& users, const client&) { return users; }
inline policy adapted_part(const policy& ours, const client& to) { return adapted(ours, to); }

template <class Policy> bool bounds(const Policy&) noexcept { return false; }
inline bool bounds(const policy& ours) noexcept { return has_deadline(ours); }

template <class... Policies> class erased_policy final : public client_policy
{
public:
    erased_policy(const std::tuple<Policies...>& parts, const client& to)
        : policy_(std::apply(
              [&](const auto&... each) { return std::tuple<Policies...>(adapted_part(each, to)...); }, parts))
    {}
    asio::awaitable<reply_handle> around(api_attempt attempt) const override { return policy_(std::move(attempt)); }
    bool has_deadline() const noexcept override
    {
        return std::apply([](const auto&... each) { return (bounds(each) || ...); }, policy_.policies());
    }

private:
    stack<Policies...> policy_;
};

}
