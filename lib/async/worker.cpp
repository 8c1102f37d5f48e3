#include "async/worker.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

namespace doks::async {

namespace {

/// For a worker that waits for nothing but work.
class condition_idle final : public worker::idle
{
public:
    void wait() override
    {
        std::unique_lock held(mutex_);
        woken_.wait(held, [this] { return is_woken_; });
        is_woken_ = false;
    }

    void wake() noexcept override
    {
        const std::lock_guard held(mutex_);
        is_woken_ = true;
        woken_.notify_one();
    }

private:
    std::mutex mutex_;
    std::condition_variable woken_;
    bool is_woken_ = false;
};

}

class worker::queue
{
public:
    explicit queue(std::shared_ptr<idle> sleep)
        : sleep_(std::move(sleep))
    {}

    void add(std::function<void()> work)
    {
        const std::lock_guard held(mutex_);
        work_.push_back(std::move(work));
        if (work_.size() == 1) sleep_->wake();
    }

    void close()
    {
        const std::lock_guard held(mutex_);
        closed_ = true;
        sleep_->wake();
    }

    void run()
    {
        while (const auto work = next()) (*work)();
    }

private:
    /// Nothing once it is closed and everything is done.
    std::optional<std::function<void()>> next()
    {
        std::unique_lock held(mutex_);
        while (work_.empty()) {
            if (closed_) return std::nullopt;
            held.unlock();
            sleep_->wait();
            held.lock();
        }
        std::optional<std::function<void()>> work(std::move(work_.front()));
        work_.pop_front();
        return work;
    }

    const std::shared_ptr<idle> sleep_;
    std::mutex mutex_;
    std::deque<std::function<void()>> work_;
    bool closed_ = false;
};

worker::worker()
    : worker(std::make_shared<condition_idle>())
{}

worker::worker(std::shared_ptr<idle> sleep)
    : queue_(std::make_shared<queue>(std::move(sleep)))
    , thread_([queue = queue_] { queue->run(); })
{}

worker::~worker()
{
    queue_->close();
    // A handler that held the last owner may be destroyed by this very thread.
    if (thread_.get_id() == std::this_thread::get_id())
        thread_.detach();
    else
        thread_.join();
}

void worker::post(std::function<void()> work) { queue_->add(std::move(work)); }

}
