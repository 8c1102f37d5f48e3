#pragma once

#include "async/completion.hpp"
#include "core/timer_heap.hpp"
#include "net/shared_transport.hpp"

#include <functional>
#include <memory>
#include <tuple>
#include <utility>

namespace doks::api {

/** A coroutine that waits for work on a directory's thread: for its outcome, until a bound, or until it is cancelled.

    In the last two cases the work goes on, and its outcome is not awaited any more. The handler owns the call, so both go
    together, also where the execution context is destroyed.
    Threads: the client's strand.
*/
template <class T>
class directory_call final : public net::pending_operation,
                             public std::enable_shared_from_this<directory_call<T>>,
                             private core::timer
{
public:
    using handler = asio::any_completion_handler<void(T)>;
    /// Returns the outcome to complete with instead: `timed_out`, or the cause of a cancellation.
    using fallback = std::function<T(boost::system::error_code)>;

    static std::shared_ptr<directory_call> make(
        std::shared_ptr<net::shared_transport> transport, handler completion, fallback without)
    {
        auto made = std::make_shared<directory_call>(std::move(transport), std::move(completion), std::move(without));
        made->done_.keep(made);
        return made;
    }

    directory_call(std::shared_ptr<net::shared_transport> transport, handler completion, fallback without)
        : transport_(std::move(transport))
        , without_(std::move(without))
        , done_(std::move(completion), asio::any_io_executor(transport_->strand()))
    {}
    ~directory_call() override { transport_->timers().clear(*this); }

    void set_bound(core::duration bound) { transport_->timers().set(*this, transport_->timers().now() + bound); }

    /// Does nothing if the handler was completed before.
    void finish(T outcome)
    {
        transport_->timers().clear(*this);
        done_.finish([outcome = std::move(outcome)]() mutable { return std::tuple<T>(std::move(outcome)); });
    }
    void cancel(boost::system::error_code why) override
    {
        if (done_.is_pending()) finish(without_(why));
    }
    bool waits_for_quota() const noexcept override { return false; }

private:
    void due(core::instant) override { cancel(asio::error::timed_out); }

    const std::shared_ptr<net::shared_transport> transport_;
    const fallback without_;
    async::completion<void(T)> done_;
};

}
