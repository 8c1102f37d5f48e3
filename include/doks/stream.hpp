#pragma once

#include <doks/abi.hpp>
#include <doks/failure.hpp>
#include <doks/impl/handlers.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace doks {

/** Events in their order: `while (auto change = co_await changes.next())`.

    A handle that can be moved and not copied. Only the newest event of each id waits to be read, a good and a bad one at
    most: a slow reader delays nothing, and nothing grows. Destroying the stream ends the subscription; the handler of a
    `next()` that waits then is destroyed uncalled.
    @par Executor
    A handler runs on its associated executor, else on the client's for a keeper, and on the system executor for a directory.
    @par Cancellation
    terminal, partial and total alike end that `next()` only.
    @par Thread safety
    One `next()` at a time, from any thread.
*/
template <class T> class stream
{
public:
    using handler = boost::asio::any_completion_handler<void(std::exception_ptr, std::optional<T>)>;

    /// Produces the events.
    class source
    {
    public:
        virtual ~source() = default;
        /// The executor of handlers that have none of their own.
        virtual boost::asio::any_io_executor home() const { return boost::asio::system_executor(); }
        /// Calls the handler once, on `executor`.
        virtual void next(handler call, const boost::asio::any_io_executor& executor) = 0;
    };

    explicit stream(std::shared_ptr<source> from)
        : source_(std::move(from))
    {}
    stream(stream&&) noexcept = default;
    stream& operator=(stream&&) noexcept = default;

    /** The next event; nothing once the stream has ended.

        @par Completion
        `void(std::exception_ptr, std::optional<T>)`
        @throws boost::system::system_error with operation_aborted if it is cancelled; the stream stays usable
        @par Executor, cancellation, thread safety
        As for the class.
    */
    template <class Token = boost::asio::use_awaitable_t<>> auto next(Token&& token = {})
    {
        return boost::asio::async_initiate<Token, void(std::exception_ptr, std::optional<T>)>(
            [source = source_](auto call) {
                const auto executor = impl::executor_of(call, source->home());
                source->next(handler(std::move(call)), executor);
            },
            token);
    }

    /// As `next`, with the completion signature `void(result<std::optional<T>>)`. The only failure is `cancelled`.
    template <class Token = boost::asio::use_awaitable_t<>> auto try_next(Token&& token = {})
    {
        using next_event = std::optional<T>;
        return boost::asio::async_initiate<Token, void(result<next_event>)>(
            [source = source_](auto call) {
                const auto executor = impl::executor_of(call, source->home());
                source->next(handler(impl::trying_handler<next_event, decltype(call)>{std::move(call)}), executor);
            },
            token);
    }

private:
    std::shared_ptr<source> source_;
};

}
