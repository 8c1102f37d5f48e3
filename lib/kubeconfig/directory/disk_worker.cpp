#include "kubeconfig/directory/disk_worker.hpp"

#include "async/retry_for_memory.hpp"
#include "kubeconfig/directory/change_feed.hpp"

#include <deque>
#include <mutex>

namespace doks::kube {

namespace {

/// A file descriptor each, held until the round is published.
constexpr std::size_t largest_round = 64;

/// A put, or else work.
struct task
{
    std::optional<put_job> job;
    std::function<void(std::optional<file_error>)> done;
    std::function<void()> work;
};

doorbell opened(const kubeconfig_store& store)
{
    auto bell = doorbell::open();
    if (!bell) throw store.failure_of(unusable(bell.error()));
    return std::move(*bell);
}

}

const file_error& out_of_memory()
{
    static const file_error error{make_error_code(boost::system::errc::not_enough_memory)};
    return error;
}

class disk_worker::queue
{
public:
    explicit queue(std::shared_ptr<const kubeconfig_store> store)
        : store_(std::move(store))
        , bell_(opened(*store_))
        , feed_(store_)
    {
        round_.reserve(largest_round);
        round_done_.reserve(largest_round);
        failed_.assign(largest_round, out_of_memory());
    }

    void add(task next)
    {
        const std::lock_guard guard(mutex_);
        tasks_.push_back(std::move(next));
        if (tasks_.size() == 1) bell_.ring();
    }

    void close()
    {
        const std::lock_guard guard(mutex_);
        closed_ = true;
        bell_.ring();
    }

    void tell(std::weak_ptr<change_listener> who)
    {
        add({std::nullopt, nullptr,
            [this, who = std::move(who)] { async::retry_for_memory([&] { feed_.add(who); }); }});
    }

    void run()
    {
        while (auto work = take_round()) {
            if (*work)
                (*work)();
            else
                put_round();
            look();
        }
    }

private:
    void look()
    {
        async::retry_for_memory([this] { feed_.look(); });
    }

    /// What to call, or an empty function for a round of puts; nothing once it is closed and everything is done.
    std::optional<std::function<void()>> take_round()
    {
        std::unique_lock guard(mutex_);
        while (tasks_.empty()) {
            if (closed_) return std::nullopt;
            guard.unlock();
            bell_.wait(feed_.watch());
            look();
            guard.lock();
        }
        std::function<void()> work;
        if (!tasks_.front().job) {
            work = std::move(tasks_.front().work);
            tasks_.pop_front();
            return work;
        }
        while (!tasks_.empty() && tasks_.front().job && round_.size() < largest_round) {
            round_.push_back(std::move(*tasks_.front().job));
            round_done_.push_back(std::move(tasks_.front().done));
            tasks_.pop_front();
        }
        return work;
    }

    void put_round()
    {
        std::vector<std::optional<file_error>> written;
        const bool complete = write_round(written);
        for (std::size_t i = 0; i < round_.size(); ++i) round_done_[i](std::move(complete ? written[i] : failed_[i]));
        round_.clear();
        round_done_.clear();
    }

    bool write_round(std::vector<std::optional<file_error>>& outcomes) noexcept
    {
        try {
            outcomes = store_->put(round_);
            return true;
        } catch (const std::exception&) {
            return false;
        }
    }

    const std::shared_ptr<const kubeconfig_store> store_;
    const doorbell bell_;
    change_feed feed_;
    std::mutex mutex_;
    std::deque<task> tasks_;
    bool closed_ = false;
    std::vector<put_job> round_;
    std::vector<std::function<void(std::optional<file_error>)>> round_done_;
    std::vector<std::optional<file_error>> failed_; ///< of a round for which there was no memory
};

disk_worker::disk_worker(std::shared_ptr<const kubeconfig_store> store)
    : queue_(std::make_shared<queue>(std::move(store)))
    , thread_([work = queue_] { work->run(); })
{}

disk_worker::~disk_worker()
{
    queue_->close();
    // A caller's coroutine that held the last handle may be destroyed by this very thread.
    if (thread_.get_id() == std::this_thread::get_id())
        thread_.detach();
    else
        thread_.join();
}

void disk_worker::put(put_job job, std::function<void(std::optional<file_error>)> done)
{
    queue_->add({std::move(job), std::move(done), nullptr});
}

void disk_worker::run(std::function<void()> work) { queue_->add({std::nullopt, nullptr, std::move(work)}); }

void disk_worker::tell(std::weak_ptr<change_listener> who) { queue_->tell(std::move(who)); }

}
