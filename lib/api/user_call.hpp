#pragma once

#include "api/requests.hpp"
#include "net/call.hpp"
#include "net/completion.hpp"

#include <doks/failure.hpp>

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
    using handler = typename net::completion<void(result<T>)>::handler;

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
        asio::post(raw->through().strand(), [made = std::move(made)] { made->net::call::start(); });
    }

    user_call(std::shared_ptr<net::transport> through, std::shared_ptr<net::account> with, net::call_plan plan,
        Decode decode, handler who)
        : call(std::move(through), std::move(with), std::move(plan))
        , decode_(std::move(decode))
        , done_(std::move(who), this->through().user_executor())
    {}

private:
    void conclude(result<net::reply> outcome) override
    {
        std::move(done_).finish(
            [self = std::static_pointer_cast<user_call>(shared_from_this()), outcome = std::move(outcome)]() mutable {
                if (!outcome) return std::tuple<result<T>>(outcome.error());
                return std::tuple<result<T>>(self->decode_(self->plan(), std::move(*outcome)));
            });
    }
    void forsake() override { const auto dropped = std::move(done_); }
    void describe(failure_record& record, const net::answer& said) const override { explain(record, said); }

    Decode decode_;
    net::completion<void(result<T>)> done_;
};

/// Hands a failure to a handler without a call.
template <class T>
void refuse_call(const asio::any_io_executor& on, failure why, typename net::completion<void(result<T>)>::handler who)
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
