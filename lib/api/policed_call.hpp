#pragma once

#include "api/client_state.hpp"
#include "api/user_call.hpp"

#include <doks/impl/client_policy.hpp>

#include <boost/asio/cancellation_signal.hpp>

#include <functional>
#include <memory>

namespace doks::impl {

struct api_reply
{
    net::reply value;
};

}

namespace doks::api {

/** A call under a policy that is more than one plan: the policy runs as coroutines around calls of one attempt each.

    Threads: `start` and `cancel` any; `done` is called once, on a strand over the client's executor.
*/
class policed_call final : public net::live_call,
                           public impl::api_attempt::maker,
                           public std::enable_shared_from_this<policed_call>
{
public:
    using done = std::function<void(result<net::reply>)>;

    policed_call(std::shared_ptr<const client_state> from, net::call_plan plan, done then);

    void start();
    void cancel(boost::system::error_code why) override;
    void abandon() override {}
    bool waits_for_quota() const noexcept override { return false; }
    boost::asio::awaitable<impl::reply_handle> attempt() override;

private:
    void begin();
    boost::asio::awaitable<impl::reply_handle> send();
    void ended(std::exception_ptr thrown, impl::reply_handle got);
    failure failure_of(const std::exception_ptr& thrown) const;

    std::shared_ptr<const client_state> client_;
    net::call_plan plan_;
    done then_;
    net::executor strand_;
    boost::asio::cancellation_signal signal_;
    boost::system::error_code cancelled_;
    core::instant started_{};
    unsigned attempts_ = 0;
    unsigned resends_ = 0;
    bool over_ = false;
};

/// A call of a user's through whatever stands around the client's attempts.
template <class T, class Decode>
void start_call(std::shared_ptr<const client_state> from, net::call_plan plan, Decode decode,
    typename net::completion<void(result<T>)>::handler who)
{
    if (!from->own_policy)
        return start_user_call<T>(from->transport, from->account, std::move(plan), std::move(decode), std::move(who));
    using completion = net::completion<void(result<T>)>;
    const auto heard = std::make_shared<completion>(std::move(who), from->transport->home());
    auto then = [heard, decode = std::move(decode), asked = plan](result<net::reply> outcome) {
        std::move(*heard).finish([decode, asked, outcome = std::move(outcome)]() mutable {
            if (!outcome) return std::tuple<result<T>>(outcome.error());
            return std::tuple<result<T>>(decode(asked, std::move(*outcome)));
        });
    };
    const auto running = std::make_shared<policed_call>(from, std::move(plan), std::move(then));
    heard->on_cancel([weak = std::weak_ptr<policed_call>(running)] {
        if (const auto alive = weak.lock()) alive->cancel(asio::error::operation_aborted);
    });
    running->start();
}

}
