#pragma once

#include <doks/stream.hpp>

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/system/system_error.hpp>

#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <unordered_map>

namespace doks::impl {

/// News that take the place of one another while nobody reads them.
struct by_id
{
    template <class T> const std::string& operator()(const T& news) const { return news.id; }
};

/** A stream's source: keeps the newest word on each id until it is read.

    Threads: any; handlers run on their own executor and never under the lock.
*/
template <class T, class Key = by_id>
class mailbox final : public stream<T>::source, public std::enable_shared_from_this<mailbox<T, Key>>
{
public:
    using handler = typename stream<T>::handler;

    explicit mailbox(boost::asio::any_io_executor home = boost::asio::system_executor())
        : home_(std::move(home))
    {}

    boost::asio::any_io_executor home() const override { return home_; }

    /// In place of an unread one of the same key, and behind everything else.
    void put(T news)
    {
        {
            const std::lock_guard held(mutex_);
            const auto place = places_.try_emplace(Key()(news), unread_.end()).first;
            if (place->second != unread_.end()) unread_.erase(place->second);
            place->second = unread_.insert(unread_.end(), std::move(news));
        }
        serve();
    }

    /// An unread one that something else has made untrue.
    void drop(const std::string& key)
    {
        const std::lock_guard held(mutex_);
        const auto place = places_.find(key);
        if (place == places_.end()) return;
        unread_.erase(place->second);
        places_.erase(place);
    }

    /// What is unread can still be read, then the stream has ended.
    void close()
    {
        {
            const std::lock_guard held(mutex_);
            closed_ = true;
        }
        serve();
    }

    /// Lets go of whoever waits, uncalled: the executor's context is being destroyed.
    void abandon()
    {
        std::optional<waiter> gone;
        const std::lock_guard held(mutex_);
        take_waiter(gone);
    }

    void next(handler who, const boost::asio::any_io_executor& on) override
    {
        {
            const std::lock_guard held(mutex_);
            waiter_.emplace(std::move(who), on);
            const auto slot = boost::asio::get_associated_cancellation_slot(waiter_->call);
            const auto number = ++waits_;
            if (slot.is_connected()) {
                auto own_slot = slot;
                own_slot.assign([weak = this->weak_from_this(), number](boost::asio::cancellation_type) {
                    if (const auto alive = weak.lock()) alive->withdraw(number);
                });
            }
        }
        serve();
    }

private:
    /// Whoever waits, with its executor kept at work meanwhile.
    struct waiter
    {
        waiter(handler who, const boost::asio::any_io_executor& on)
            : call(std::move(who))
            , home(boost::asio::prefer(on, boost::asio::execution::outstanding_work.tracked))
        {}

        void finish(std::exception_ptr error, std::optional<T> news) &&
        {
            const auto via = home;
            boost::asio::post(via, [own = std::move(*this), error = std::move(error),
                                       news = std::move(news)]() mutable {
                auto slot = boost::asio::get_associated_cancellation_slot(own.call);
                if (slot.is_connected()) slot.clear();
                const boost::asio::any_completion_executor fallback(own.home);
                const auto on = boost::asio::get_associated_executor(own.call, fallback);
                on.execute([call = std::move(own.call), error = std::move(error), news = std::move(news)]() mutable {
                    std::move(call)(std::move(error), std::move(news));
                });
            });
        }

        handler call;
        boost::asio::any_io_executor home;
    };

    /// In Boost 1.81 assigning to an any_completion_handler recurses without end (fixed in 1.82).
    void take_waiter(std::optional<waiter>& to)
    {
        if (waiter_) to.emplace(std::move(*waiter_));
        waiter_.reset();
    }

    void withdraw(std::uint64_t number)
    {
        std::optional<waiter> gone;
        {
            const std::lock_guard held(mutex_);
            if (number == waits_) take_waiter(gone);
        }
        if (!gone) return;
        const boost::system::system_error aborted(boost::asio::error::operation_aborted);
        std::move(*gone).finish(std::make_exception_ptr(aborted), std::nullopt);
    }

    /// Brings the first word, or the end, to whoever waits.
    void serve()
    {
        std::optional<waiter> served;
        std::optional<T> news;
        {
            const std::lock_guard held(mutex_);
            if (!waiter_ || (unread_.empty() && !closed_)) return;
            take_waiter(served);
            if (!unread_.empty()) {
                news = std::move(unread_.front());
                places_.erase(Key()(*news));
                unread_.pop_front();
            }
        }
        std::move(*served).finish(nullptr, std::move(news));
    }

    const boost::asio::any_io_executor home_;
    std::mutex mutex_;
    std::list<T> unread_;
    std::unordered_map<std::string, typename std::list<T>::iterator> places_;
    std::optional<waiter> waiter_;
    std::uint64_t waits_ = 0;
    bool closed_ = false;
};

}
