#pragma once

#include "async/retry_for_memory.hpp"
#include "kubeconfig/directory/disk_worker.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace doks::kube {

/** Whoever waits for the worker, with its executor kept at work meanwhile.

    It is never assigned: in Boost 1.81 the move assignment of any_completion_handler calls itself for ever.
*/
template <class T> struct disk_waiter : std::enable_shared_from_this<disk_waiter<T>>
{
    template <class Handler>
    explicit disk_waiter(Handler who)
        : executor(boost::asio::prefer(boost::asio::any_io_executor(boost::asio::get_associated_executor(who)),
              boost::asio::execution::outstanding_work.tracked))
        , done(std::move(who))
    {}

    void finish(T outcome)
    {
        result.emplace(std::move(outcome));
        async::retry_for_memory([this] {
            boost::asio::post(
                executor, [self = this->shared_from_this()] { std::move(self->done)(*std::move(self->result)); });
        });
    }

    boost::asio::any_io_executor executor;
    boost::asio::any_completion_handler<void(T)> done;
    std::optional<T> result;
};

/** Waits for what `start` calls back with, once, on any thread.

    Cancel: not; the executor's context has to live until then.
*/
template <class T> boost::asio::awaitable<T> called_back(std::function<void(std::function<void(T)>)> start)
{
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void(T)>(
        [](auto handler, std::function<void(std::function<void(T)>)> begin) {
            const auto waiter = std::make_shared<disk_waiter<T>>(std::move(handler));
            begin([waiter](T outcome) { waiter->finish(std::move(outcome)); });
        },
        boost::asio::use_awaitable, std::move(start));
}

inline boost::asio::awaitable<std::optional<file_error>> put_by(std::shared_ptr<disk_worker> worker, put_job job)
{
    return called_back<std::optional<file_error>>(
        [worker = std::move(worker), job = std::move(job)](
            auto done) mutable { worker->put(std::move(job), std::move(done)); });
}

/// What `work` returns on the worker's thread, in order with the puts.
template <class T>
boost::asio::awaitable<file_result<T>> done_by(
    std::shared_ptr<disk_worker> worker, std::function<file_result<T>()> work)
{
    using answer = file_result<T>;
    auto start = [worker = std::move(worker), work = std::move(work)](std::function<void(answer)> done) mutable {
        worker->run([work = std::move(work), done = std::move(done), no_memory = out_of_memory()] {
            answer outcome(no_memory);
            try {
                outcome = work();
            } catch (const std::exception&) {
            }
            done(std::move(outcome));
        });
    };
    return called_back<answer>(std::move(start));
}

}
