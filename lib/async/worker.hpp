#pragma once

#include "async/worker_call.hpp"

#include <functional>
#include <memory>
#include <stop_token>
#include <thread>

namespace doks::async {

/** A thread for work that blocks: on a disk, on a lock.

    Work is done in the order in which it was given. What is posted is called on this thread and must not throw. The
    destructor does what was given before, and waits for it, unless this thread itself destroys the worker.
    Threads: any.
*/
class worker
{
public:
    /// How the thread sleeps while there is no work.
    class idle
    {
    public:
        virtual ~idle() = default;
        /// Returns after a `wake`, also one before the call; it may return for nothing.
        virtual void wait() = 0;
        virtual void wake() noexcept = 0;
    };

    worker();
    explicit worker(std::shared_ptr<idle> sleep);
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;
    ~worker();

    void post(std::function<void()> work);

    /** Calls the handler with what the work returns or throws.

        `keeps` lives as long as the handler; what owns this worker belongs there.
        Cancel: work that has not begun is not done, and the handler hears `operation_aborted` at once. Work that has begun
        is told by its stop token, and its own outcome counts.
    */
    template <class T>
    void run(std::function<T(std::stop_token)> work, typename worker_call<T>::handler done,
        const asio::any_io_executor& on, std::shared_ptr<void> keeps)
    {
        auto call = worker_call<T>::make(std::move(done), on, std::move(keeps));
        call->accept_cancellation();
        post([call = std::move(call), work = std::move(work)] { call->run(work); });
    }

private:
    class queue;

    std::shared_ptr<queue> queue_;
    std::thread thread_;
};

}
