#pragma once

#include "async/completion.hpp"
#include "async/retry_for_memory.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <tuple>
#include <utility>

namespace doks::async {

/** A handler that another thread completes, at most once, on the handler's own executor.

    The executor has work meanwhile. If its execution context is destroyed first, the handler is destroyed uncalled.
    Threads: any.
*/
template <class T> class worker_call final : public std::enable_shared_from_this<worker_call<T>>
{
public:
    using outcome = std::tuple<std::exception_ptr, T>;
    using handler = asio::any_completion_handler<void(std::exception_ptr, T)>;

    /// `keeps` lives until the handler is called or destroyed, and is never released on the thread that completes it.
    static std::shared_ptr<worker_call> make(
        handler done, const asio::any_io_executor& on, std::shared_ptr<void> keeps = nullptr)
    {
        return std::make_shared<worker_call>(std::move(done), on, std::move(keeps));
    }

    worker_call(handler done, const asio::any_io_executor& on, std::shared_ptr<void> keeps)
        : done_(std::move(done), on)
    {
        done_.keep(std::make_shared<kept>(stop_, std::move(keeps)));
    }

    /// From now on the handler's cancellation slot ends it.
    void accept_cancellation()
    {
        done_.on_cancel([weak = this->weak_from_this()] {
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
        {
            const std::lock_guard held(mutex_);
            if (outcome_) return;
            outcome_.emplace(std::move(error), std::move(value));
        }
        retry_for_memory([this] { done_.post([self = this->shared_from_this()] { self->deliver(); }); });
    }

private:
    /// Asks work to stop whose caller does not wait any more.
    struct kept
    {
        kept(std::stop_source of, std::shared_ptr<void> other)
            : stop(std::move(of))
            , keeps(std::move(other))
        {}
        ~kept() { stop.request_stop(); }
        kept(const kept&) = delete;
        kept& operator=(const kept&) = delete;

        std::stop_source stop;
        std::shared_ptr<void> keeps;
    };

    /// False if it was cancelled before, or discarded.
    bool begin()
    {
        const std::lock_guard held(mutex_);
        begun_ = true;
        return !outcome_ && done_.is_pending();
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
        done_.finish([heard = std::move(*outcome_)]() mutable { return std::move(heard); });
    }

    std::stop_source stop_;
    completion<void(std::exception_ptr, T)> done_;
    std::mutex mutex_;
    std::optional<outcome> outcome_;
    bool begun_ = false;
};

}
