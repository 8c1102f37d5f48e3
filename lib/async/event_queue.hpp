#pragma once

#include "async/completion.hpp"

#include <doks/stream.hpp>

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <cstdint>
#include <exception>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace doks::async {

/// Events that take the place of one another while they are unread.
template <class T> struct newest_of_each_id
{
    using event = T;
    static const std::string& key(const event& one) { return one.id; }
    static T take(event one) { return one; }
};

/** A queue of events with one waiter.

    Traits: `event` is what is queued, `take(event)` makes a `T` of it for the reader. If there is a `key(event)`, an unread
    event is replaced by the next one of the same key.
    Threads: any; handlers run on their own executor and never under the lock.
*/
template <class T, class Traits = newest_of_each_id<T>>
class event_queue final : public stream<T>::source, public std::enable_shared_from_this<event_queue<T, Traits>>
{
public:
    using handler = typename stream<T>::handler;
    using event = typename Traits::event;

    explicit event_queue(asio::any_io_executor home = asio::system_executor())
        : home_(std::move(home))
    {}

    asio::any_io_executor home() const override { return home_; }

    /// In place of an unread one of the same key, and behind everything else.
    void push(event one)
    {
        {
            const std::lock_guard held(mutex_);
            if constexpr (conflates) {
                const auto place = places_.try_emplace(Traits::key(one), unread_.end()).first;
                if (place->second != unread_.end()) unread_.erase(place->second);
                place->second = unread_.insert(unread_.end(), std::move(one));
            } else {
                unread_.push_back(std::move(one));
            }
        }
        serve();
    }

    /// Removes an unread event that is no longer true.
    void drop(const std::string& key)
    {
        const std::lock_guard held(mutex_);
        const auto place = places_.find(key);
        if (place == places_.end()) return;
        unread_.erase(place->second);
        places_.erase(place);
    }

    bool empty() const
    {
        const std::lock_guard held(mutex_);
        return unread_.empty();
    }

    /// What is unread can still be read, then the stream has ended, unless it is opened again.
    void close() { set_closed(true); }
    void reopen() { set_closed(false); }

    void next(handler call, const asio::any_io_executor& on) override
    {
        const auto made = std::make_shared<waiter>(std::move(call), handler_home(on));
        made->on_cancel([weak = this->weak_from_this(), waiting = std::weak_ptr<waiter>(made)] {
            const auto alive = weak.lock();
            if (alive) alive->cancel(waiting.lock());
        });
        {
            const std::lock_guard held(mutex_);
            waiter_ = made;
        }
        serve();
    }

private:
    using waiter = completion<void(std::exception_ptr, std::optional<T>)>;
    using outcome = std::tuple<std::exception_ptr, std::optional<T>>;
    static constexpr bool conflates = requires(const event& one) { Traits::key(one); };

    void set_closed(bool closed)
    {
        {
            const std::lock_guard held(mutex_);
            closed_ = closed;
        }
        serve();
    }

    void cancel(const std::shared_ptr<waiter>& waiting)
    {
        std::shared_ptr<waiter> cancelled;
        {
            const std::lock_guard held(mutex_);
            if (waiting && waiter_ == waiting) cancelled.swap(waiter_);
        }
        if (!cancelled) return;
        const boost::system::system_error aborted(asio::error::operation_aborted);
        cancelled->finish([thrown = std::make_exception_ptr(aborted)] { return outcome(thrown, std::nullopt); });
    }

    /// Gives the first event, or the end, to the waiter.
    void serve()
    {
        std::shared_ptr<waiter> served;
        std::optional<T> first;
        {
            const std::lock_guard held(mutex_);
            if (!waiter_ || !waiter_->is_pending() || (unread_.empty() && !closed_)) return;
            served.swap(waiter_);
            if (!unread_.empty()) {
                if constexpr (conflates) places_.erase(Traits::key(unread_.front()));
                first = Traits::take(std::move(unread_.front()));
                unread_.pop_front();
            }
        }
        served->finish([first = std::move(first)]() mutable { return outcome(nullptr, std::move(first)); });
    }

    const asio::any_io_executor home_;
    mutable std::mutex mutex_;
    std::list<event> unread_;
    std::unordered_map<std::string, typename std::list<event>::iterator> places_;
    std::shared_ptr<waiter> waiter_;
    bool closed_ = false;
};

}
