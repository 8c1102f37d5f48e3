#pragma once

#include "api/requests.hpp"
#include "net/call.hpp"
#include "net/completion.hpp"

#include <doks/failure.hpp>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <tuple>
#include <utility>

namespace doks::api {

namespace asio = boost::asio;

/** A single call of a user's: its handler hears the outcome, its cancellation slot ends it.

    `Decode` turns the plan and its reply into a result; it runs on the handler's executor.
*/
template <class T, class Decode> class user_call final : public net::call
{
public:
    using completion = net::completion<void(result<T>)>;
    using handler = typename completion::handler;

    static void start(std::shared_ptr<net::transport> through, std::shared_ptr<net::account> with, net::call_plan plan,
        Decode decode, handler who)
    {
        auto made = std::make_shared<user_call>(
            std::move(through), std::move(with), std::move(plan), std::move(decode), std::move(who));
        made->done_.on_cancel([weak = std::weak_ptr<user_call>(made)] {
            const auto alive = weak.lock();
            if (!alive) return;
            asio::post(alive->through().strand(), [alive] { alive->cancel(asio::error::operation_aborted); });
        });
        auto* const raw = made.get();
        asio::dispatch(raw->through().strand(), [made = std::move(made)] { made->net::call::start(); });
    }

    user_call(std::shared_ptr<net::transport> through, std::shared_ptr<net::account> with, net::call_plan plan,
        Decode decode, handler who)
        : call(std::move(through), std::move(with), std::move(plan))
        , decode_(std::move(decode))
        , done_(std::move(who), this->through().home())
    {}

private:
    void conclude(result<net::reply> outcome) override
    {
        outcome_ = std::move(outcome);
        auto self = std::static_pointer_cast<user_call>(shared_from_this());
        std::shared_ptr<completion> held(self, &done_);
        completion::finish(
            std::move(held), [self = std::move(self)] { return std::tuple<result<T>>(self->decoded()); });
    }
    result<T> decoded()
    {
        if (!outcome_) return outcome_.error();
        return decode_(plan(), std::move(*outcome_));
    }
    void forsake() override { const auto dropped = std::move(done_); }
    void describe(failure_record& record, const net::answer& said) const override { explain(record, said); }

    Decode decode_;
    completion done_;
    result<net::reply> outcome_;
};

/// Hands a failure to a handler without a call.
template <class T>
void refuse_call(const net::handler_home& on, failure why, typename net::completion<void(result<T>)>::handler who)
{
    net::completion<void(result<T>)> done(std::move(who), on);
    std::move(done).finish([why = std::move(why)]() mutable { return std::tuple<result<T>>(std::move(why)); });
}

template <class T, class Decode>
void start_user_call(std::shared_ptr<net::transport> through, std::shared_ptr<net::account> with, net::call_plan plan,
    Decode decode, typename net::completion<void(result<T>)>::handler who)
{
    user_call<T, Decode>::start(
        std::move(through), std::move(with), std::move(plan), std::move(decode), std::move(who));
}

}
