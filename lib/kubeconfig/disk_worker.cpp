#include "kubeconfig/disk_worker.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>

namespace doks::kube {

namespace {

namespace asio = boost::asio;

using completion = asio::any_completion_handler<void(put_outcome)>;

/// A file descriptor each, held until the round is published.
constexpr std::size_t largest_round = 64;

/** Whoever waits for a put, with its executor kept at work meanwhile.

    It is never assigned: in Boost 1.81 the move assignment of any_completion_handler calls itself for ever.
*/
struct waiting
{
    waiting(completion handler, asio::any_io_executor own)
        : done(std::move(handler))
        , executor(std::move(own))
    {}
    waiting(waiting&&) = default;

    completion done;
    asio::any_io_executor executor;

    void finish(put_outcome outcome)
    {
        auto handler = [call = std::move(done), result = std::move(outcome)]() mutable {
            std::move(call)(std::move(result));
        };
        asio::post(executor, std::move(handler));
    }
};

put_outcome out_of_memory()
{
    failure_record record;
    record.code = make_error_code(boost::system::errc::not_enough_memory);
    record.operation = "storing a kubeconfig";
    record.phase = "disk";
    return std::make_shared<const failure_record>(std::move(record));
}

}

class disk_worker::queue
{
public:
    explicit queue(std::shared_ptr<const kubeconfig_store> store)
        : store_(std::move(store))
    {}

    void add(put_job job, waiting who)
    {
        const std::lock_guard guard(mutex_);
        jobs_.push_back(std::move(job));
        waiting_.push_back(std::move(who));
        changed_.notify_one();
    }

    void close()
    {
        const std::lock_guard guard(mutex_);
        closed_ = true;
        changed_.notify_one();
    }

    void run()
    {
        while (take_round()) {
            auto outcomes = write_round();
            for (std::size_t i = 0; i < round_.size(); ++i) round_waiting_[i].finish(std::move(outcomes[i]));
            round_.clear();
            round_waiting_.clear();
        }
    }

private:
    /// False once it is closed and everything is written.
    bool take_round()
    {
        std::unique_lock guard(mutex_);
        changed_.wait(guard, [this] { return closed_ || !jobs_.empty(); });
        while (!jobs_.empty() && round_.size() < largest_round) {
            round_.push_back(std::move(jobs_.front()));
            round_waiting_.push_back(std::move(waiting_.front()));
            jobs_.pop_front();
            waiting_.pop_front();
        }
        return !round_.empty();
    }

    std::vector<put_outcome> write_round()
    {
        try {
            return store_->put(round_);
        } catch (const std::exception&) {
            return std::vector<put_outcome>(round_.size(), no_memory_);
        }
    }

    const std::shared_ptr<const kubeconfig_store> store_;
    const put_outcome no_memory_ = out_of_memory();
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<put_job> jobs_;
    std::deque<waiting> waiting_;
    bool closed_ = false;
    std::vector<put_job> round_;
    std::vector<waiting> round_waiting_;
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

boost::asio::awaitable<put_outcome> disk_worker::put(put_job job)
{
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(put_outcome)>(
        [](auto handler, std::shared_ptr<queue> to, put_job what) {
            asio::any_io_executor own = asio::get_associated_executor(handler);
            auto busy = asio::prefer(own, asio::execution::outstanding_work.tracked);
            to->add(std::move(what), waiting(completion(std::move(handler)), std::move(busy)));
        },
        asio::use_awaitable, queue_, std::move(job));
}

}
