#pragma once

#include "api/client_state.hpp"
#include "net/call.hpp"
#include "net/completion.hpp"

#include <boost/asio/post.hpp>

#include <functional>
#include <memory>
#include <tuple>
#include <utility>

namespace doks::api {

namespace asio = boost::asio;

/** A call of a user's that takes several requests, one after the other; on the client's strand.

    Each request passes what stands around the client's attempts. While one is under way it stands for the errand with the
    transport, and keeps it alive; while the errand pauses it does both itself.
*/
class errand : public std::enable_shared_from_this<errand>, public net::live_call, private core::timer
{
public:
    ~errand() override;

    void cancel(boost::system::error_code why) final;
    void abandon() final;
    bool waits_for_quota() const noexcept final { return false; }

protected:
    using action = std::function<void(result<net::reply>)>;

    explicit errand(std::shared_ptr<const client_state> from);
    /// From the initiation; `begin` follows on the strand.
    static void start(const std::shared_ptr<errand>& made);

    virtual void begin() = 0;
    /// A pause is over.
    virtual void resume() = 0;
    /// Hands the failure to the handler; at most once, and nothing after it.
    virtual void fail(failure why) = 0;

    /// The outcome's attempts and time are those of the whole errand so far.
    void ask(net::call_plan plan, action then);
    void pause_until(core::instant at);
    /// The errand as a failure tells of it, with the last request's name.
    failure_record blank_record() const;

    const client_state& client() const noexcept { return *client_; }
    core::instant now() const { return client_->transport->timers().now(); }

private:
    class request;

    void due(core::instant now) override;
    std::shared_ptr<errand> end_pause();
    failure ended(boost::system::error_code why) const;
    void heard(const action& then, result<net::reply> outcome);
    void count(call_info& one);

    std::shared_ptr<const client_state> client_;
    std::string operation_;
    core::instant started_{};
    call_info spent_;
    std::weak_ptr<net::live_call> running_;
    std::shared_ptr<errand> paused_;
    boost::system::error_code cancelled_;
};

/// An errand whose handler gets a `T`.
template <class T> class errand_for : public errand
{
public:
    using completion = net::completion<void(result<T>)>;
    using handler = typename completion::handler;

protected:
    errand_for(const std::shared_ptr<const client_state>& from, handler who)
        : errand(from)
        , done_(std::move(who), from->transport->home())
    {}

    static void start(const std::shared_ptr<errand_for>& made)
    {
        made->done_.on_cancel([weak = std::weak_ptr<errand_for>(made)] {
            const auto alive = weak.lock();
            if (!alive) return;
            asio::post(alive->client().transport->strand(), [alive] { alive->cancel(asio::error::operation_aborted); });
        });
        errand::start(made);
    }
    void finish(result<T> outcome)
    {
        std::move(done_).finish(
            [outcome = std::move(outcome)]() mutable { return std::tuple<result<T>>(std::move(outcome)); });
    }
    void fail(failure why) override { finish(std::move(why)); }

private:
    completion done_;
};

}
