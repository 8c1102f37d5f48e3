#pragma once

#include "async/context_use.hpp"
#include "async/context_watch.hpp"
#include "async/retry_for_memory.hpp"

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace doks::async {

/** A handler that another thread completes, at most once, on the handler's own executor.

    The executor has work meanwhile. If its execution context is destroyed first, the handler is destroyed uncalled.
    Threads: any.
*/
template <class T> class worker_call final : public context_bound, public std::enable_shared_from_this<worker_call<T>>
{
public:
    using handler = asio::any_completion_handler<void(std::exception_ptr, T)>;

    /// `keeps` lives until the handler is called or destroyed, and is never released on the thread that completes it.
    static std::shared_ptr<worker_call> make(
        handler done, const asio::any_io_executor& on, std::shared_ptr<void> keeps = nullptr)
    {
        auto made = std::make_shared<worker_call>(std::move(done), on, std::move(keeps));
        watch_context(asio::query(on, asio::execution::context), made);
        return made;
    }

    worker_call(handler done, const asio::any_io_executor& on, std::shared_ptr<void> keeps)
        : waiting_(std::in_place, std::move(done), asio::prefer(on, asio::execution::outstanding_work.tracked),
              std::move(keeps))
    {}

    /// From now on the handler's cancellation slot ends it.
    void accept_cancellation()
    {
        auto slot = asio::get_associated_cancellation_slot(waiting_->done);
        if (!slot.is_connected()) return;
        slot.assign([weak = this->weak_from_this()](asio::cancellation_type) {
            if (const auto call = weak.lock()) call->cancel();
        });
    }

    /// On the worker's thread.
    void run(const std::function<T(std::stop_token)>& work)
    {
        if (!begin()) return;
        std::exception_ptr error;
        std::optional<T> value;
        try {
            value.emplace(work(stop_.get_token()));
        } catch (...) {
            error = std::current_exception(); // the handler hears it
        }
        finish(std::move(error), value ? std::move(*value) : T());
    }

    void finish(std::exception_ptr error, T value)
    {
        const std::lock_guard held(mutex_);
        if (!waiting_ || outcome_) return;
        outcome_.emplace(std::move(error), std::move(value));
        // Under the lock: nothing may be posted to a context that is half destroyed.
        retry_for_memory(
            [this] { asio::post(waiting_->home, [self = this->shared_from_this()] { self->deliver(); }); });
        end_context_use();
    }

    void abandon() override
    {
        stop_.request_stop();
        std::optional<waiter> gone; // it may own what joins the thread that waits for the lock
        const std::lock_guard held(mutex_);
        take_waiter(gone);
    }

private:
    struct waiter
    {
        waiter(handler call, asio::any_io_executor executor, std::shared_ptr<void> kept)
            : done(std::move(call))
            , home(std::move(executor))
            , keeps(std::move(kept))
        {}

        handler done;
        asio::any_io_executor home;
        std::shared_ptr<void> keeps;
    };

    /// In Boost 1.81 assigning to an any_completion_handler recurses without end (fixed in 1.82).
    void take_waiter(std::optional<waiter>& to)
    {
        if (waiting_) to.emplace(std::move(*waiting_));
        waiting_.reset();
    }

    /// False if it was cancelled before, or discarded.
    bool begin()
    {
        const std::lock_guard held(mutex_);
        begun_ = true;
        return waiting_ && !outcome_;
    }

    void cancel()
    {
        stop_.request_stop();
        {
            const std::lock_guard held(mutex_);
            if (begun_) return;
        }
        finish(std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted)), T());
    }

    void deliver()
    {
        std::optional<waiter> called;
        {
            const std::lock_guard held(mutex_);
            take_waiter(called);
        }
        if (!called) return;
        auto slot = asio::get_associated_cancellation_slot(called->done);
        if (slot.is_connected()) slot.clear();
        const asio::any_completion_executor fallback(called->home);
        const auto on = asio::get_associated_executor(called->done, fallback);
        on.execute([call = std::move(called->done), keeps = std::move(called->keeps),
                       outcome = std::move(*outcome_)]() mutable {
            std::move(call)(std::move(outcome.first), std::move(outcome.second));
        });
    }

    std::mutex mutex_;
    std::optional<waiter> waiting_;
    std::optional<std::pair<std::exception_ptr, T>> outcome_;
    std::stop_source stop_;
    bool begun_ = false;
};

}
