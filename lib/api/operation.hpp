#pragma once

#include "api/send.hpp"
#include "async/completion.hpp"
#include "async/executor.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace doks::api {

/// The return type of coroutines on the client's strand.
template <class T> using awaitable = asio::awaitable<T, async::executor>;
inline constexpr asio::use_awaitable_t<async::executor> use_awaitable;

/** A coroutine on the client's strand that sends requests and pauses: the only place that starts one there.

    The transport's list and the coroutine's completion own it until the coroutine ends; a drain cancels it and waits for it.
    Once it is cancelled, the request or pause under way ends at once, and so does each later one. The coroutine is not
    cancelled by an exception: `send` returns a failure, so that a body can store what it has before it ends. The `start`
    functions may be called from any thread, everything else on the strand.

    | the operation is | entered by                          | left by                                                |
    |------------------|-------------------------------------|--------------------------------------------------------|
    | not begun        | construction                        | begin; during a drain it begins as a cancelled one     |
    | waiting          | send, wait_for (`step_` is set)     | the outcome, also after a cancel                       |
    | pausing          | pause_until (`paused_` is set)      | the timer; cancel                                      |
    | computing        | an outcome, the end of a pause      | send; pause_until; the end of the coroutine            |
    | ended            | the end of the coroutine            | nothing                                                |
*/
class operation : public net::pending_operation, public std::enable_shared_from_this<operation>, private core::timer
{
public:
    explicit operation(std::shared_ptr<const client_state> from);
    ~operation() override;

    const client_state& client() const noexcept { return *client_; }
    core::instant now() const { return client_->transport->timers().now(); }

    /// Sends one request. Attempts and time of the outcome are those of the whole operation so far.
    awaitable<result<net::call_response>> send(net::request_spec spec, call_options options, request_terms terms = {});
    /// Returns early if the operation is cancelled.
    awaitable<void> pause_until(core::instant at);
    /** Waits for anything else. `begin(handler)` returns it as a `std::shared_ptr<net::pending_operation>`, whose `cancel` must
        complete the handler, a `void(T)`. It is called once the coroutine is suspended.
    */
    template <class T, class Begin> awaitable<T> wait_for(Begin begin)
    {
        auto begun = asio::async_initiate<const asio::use_awaitable_t<async::executor>&, void(T)>(
            [](auto handler, operation* self, Begin start) {
                std::shared_ptr<net::pending_operation> step =
                    start(asio::any_completion_handler<void(T)>(std::move(handler)));
                self->step_ = step;
                if (self->cancelled_) step->cancel(self->cancelled_);
            },
            use_awaitable, this, std::move(begin));
        co_return co_await std::move(begun);
    }

    void cancel(boost::system::error_code why) final;
    bool waits_for_quota() const noexcept final;
    core::phase whereabouts() const final;

    /// The failure to end with if the operation was cancelled.
    std::optional<failure> cancelled() const;
    failure out_of_memory() const;
    /// A failure of the operation, with the name of its last request and what was spent so far.
    failure_record blank_record() const;

    /// Any thread. `make(operation&)` returns the coroutine, an `awaitable<void>`.
    template <class Make> static void start(const std::shared_ptr<operation>& made, Make make)
    {
        asio::post(made->client_->transport->strand(), [made, make = std::move(make)]() mutable { run(made, make); });
    }
    /// The same on the strand, at once.
    template <class Make> static void run(const std::shared_ptr<operation>& made, Make& make)
    {
        listing listed(made);
        auto ended = [listed = std::move(listed)](std::exception_ptr thrown) mutable {
            listed.end();
            if (thrown) std::rethrow_exception(thrown); // out of memory: `run()` of the executor's context ends with it
        };
        asio::co_spawn(made->client_->transport->strand(), make(*made), std::move(ended));
    }

private:
    class request_receiver;

    /** Begins the operation, and ends it when it is destroyed.

        Out of memory a coroutine may be destroyed before its end: its operation would stay in the transport's list, and a
        drain would wait for it for ever.
    */
    class listing
    {
    public:
        explicit listing(std::shared_ptr<operation> of)
            : operation_(std::move(of))
        {
            operation_->begin();
        }
        ~listing() { end(); }
        void end()
        {
            if (const auto ended = std::exchange(operation_, nullptr)) ended->end();
        }
        listing(listing&&) noexcept = default;
        listing& operator=(listing&&) = delete;

    private:
        std::shared_ptr<operation> operation_;
    };

    void begin();
    void end();
    void due(core::instant now) override;
    void resume();
    void send_now(net::request_spec spec, asio::any_completion_handler<void(result<net::call_response>)> handler);
    result<net::call_response> on_outcome(result<net::call_response> outcome);
    void count(call_info& request);

    std::shared_ptr<const client_state> client_;
    std::string request_name_;
    core::instant started_{};
    call_info spent_; ///< attempts and resends of the requests so far
    bool listed_ = false;
    boost::system::error_code cancelled_;
    std::weak_ptr<net::pending_operation> step_;      ///< what the coroutine waits for, but for a pause
    std::optional<async::completion<void()>> paused_; ///< resumes the coroutine
};

/// An operation whose result goes to a user's handler; cancelling the handler's slot cancels the operation.
template <class T> class user_operation final : public operation
{
public:
    using completion = async::completion<void(result<T>)>;

    user_operation(const std::shared_ptr<const client_state>& from, typename completion::handler handler)
        : operation(from)
        , done_(std::move(handler), from->transport->home())
    {}

    /// `body(operation&)` returns the coroutine, an `awaitable<result<T>>`.
    template <class Body>
    static void start(const std::shared_ptr<const client_state>& from, typename completion::handler handler, Body body)
    {
        const auto made = std::make_shared<user_operation>(from, std::move(handler));
        made->done_.on_cancel([weak = std::weak_ptr<operation>(made), strand = from->transport->strand()] {
            const auto alive = weak.lock();
            if (alive) asio::post(strand, [alive] { alive->cancel(asio::error::operation_aborted); });
        });
        operation::start(made, [made, body = std::move(body)](operation&) { return made->complete(body(*made)); });
    }

private:
    awaitable<void> complete(awaitable<result<T>> body)
    {
        result<T> outcome = failure();
        try {
            outcome = co_await std::move(body);
        } catch (const std::bad_alloc&) {
            outcome = this->out_of_memory();
        }
        done_.finish([outcome = std::move(outcome)]() mutable { return std::tuple<result<T>>(std::move(outcome)); });
    }

    completion done_;
};

}
