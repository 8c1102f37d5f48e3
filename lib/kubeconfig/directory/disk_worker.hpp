#pragma once

#include "async/worker.hpp"
#include "kubeconfig/directory/change_feed.hpp"
#include "kubeconfig/directory/kubeconfig_store.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace doks::kube {

/// What could not be done for want of memory.
const file_error& out_of_memory();

/** The thread on which a directory waits for the disk.

    Everything is done in the order in which it was given; puts that follow each other while it is busy are
    written together in the next round. What happens in the directory is told between two rounds. Functions that are
    given are called on the worker's thread; they must not throw, and everything else waits for them. Destroying it does
    what was given before, and waits for that.
    Threads: any.
*/
class disk_worker
{
public:
    using put_done = std::function<void(std::optional<file_error>)>;

    /// Throws `failure` with `unusable_directory`.
    explicit disk_worker(std::shared_ptr<const kubeconfig_store> store);
    /// From now on no other process's lock is waited for, but for half a second in all.
    ~disk_worker();

    /// `done` is called once the file would survive a loss of power, or could not be written.
    void put(put_job job, put_done done);
    void run(std::function<void()> work);
    /// Tells it what is in the directory, and from then on what any process changes there.
    void tell(std::weak_ptr<change_queue> who);

private:
    struct round;
    class state;

    const std::shared_ptr<state> state_;
    async::worker worker_;
};

/** Waits for a put. It cannot be cancelled, for the file is written anyway.

    Here and below: if the executor's context is destroyed first, the coroutine is destroyed.
*/
boost::asio::awaitable<std::optional<file_error>> async_put(std::shared_ptr<disk_worker> worker, put_job job);

/// Waits for what `work` returns on the worker's thread, in order with the puts.
template <class T>
boost::asio::awaitable<file_result<T>> async_run(
    std::shared_ptr<disk_worker> worker, std::function<file_result<T>()> work)
{
    using outcome = file_result<T>;
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void(std::exception_ptr, outcome)>(
        [](auto handler, std::shared_ptr<disk_worker> by, std::function<outcome()> todo) {
            const boost::asio::any_io_executor on = boost::asio::get_associated_executor(handler);
            auto call = async::worker_call<outcome>::make(std::move(handler), on);
            by->run([call = std::move(call), todo = std::move(todo)] {
                outcome done(out_of_memory());
                try {
                    done = todo();
                } catch (const std::exception&) {
                }
                call->finish(nullptr, std::move(done));
            });
        },
        boost::asio::use_awaitable, std::move(worker), std::move(work));
}

}
