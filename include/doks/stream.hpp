#pragma once

#include <doks/abi.hpp>
#include <doks/failure.hpp>
#include <doks/impl/handlers.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/system_executor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace doks {

namespace impl {

/// The handler's own executor; the other where it has none that an any_io_executor can hold.
template <class Handler>
boost::asio::any_io_executor executor_of(const Handler& of, const boost::asio::any_io_executor& otherwise)
{
    auto on = boost::asio::get_associated_executor(of, otherwise);
    if constexpr (std::is_convertible_v<decltype(on), boost::asio::any_io_executor>)
        return on;
    else
        return otherwise;
}

}

/** News as they come: `while (auto change = co_await changes.next())`.

    Shape: a handle; it is moved, not copied. Of each id only the newest word waits to be read, a good and a bad one at most,
    so that a slow reader holds up nobody and makes nothing grow. Destroying it ends the subscription; a `next()` that waits then
    is let go of uncalled.
    Cancel: cancelling a `next()` gives up that wait only.
    Threads: one `next()` at a time.
*/
template <class T> class stream
{
public:
    using handler = boost::asio::any_completion_handler<void(std::exception_ptr, std::optional<T>)>;

    /// Where the news come from.
    class source
    {
    public:
        virtual ~source() = default;
        /// Where handlers run that have no executor of their own.
        virtual boost::asio::any_io_executor home() const { return boost::asio::system_executor(); }
        /// `on` is where the handler is called.
        virtual void next(handler who, const boost::asio::any_io_executor& on) = 0;
    };

    explicit stream(std::shared_ptr<source> from)
        : from_(std::move(from))
    {}
    stream(stream&&) noexcept = default;
    stream& operator=(stream&&) noexcept = default;

    /** The next one; nothing once the stream has ended.

        Errors: throws `boost::system::system_error` with operation_aborted if cancelled; the stream stays usable.
    */
    template <class Token = boost::asio::use_awaitable_t<>> auto next(Token&& token = {})
    {
        return boost::asio::async_initiate<Token, void(std::exception_ptr, std::optional<T>)>(
            [from = from_](auto who) {
                const auto on = impl::executor_of(who, from->home());
                from->next(handler(std::move(who)), on);
            },
            token);
    }

    /// The same as a `result`; the failure is `cancelled`.
    template <class Token = boost::asio::use_awaitable_t<>> auto try_next(Token&& token = {})
    {
        using news = std::optional<T>;
        return boost::asio::async_initiate<Token, void(result<news>)>(
            [from = from_](auto who) {
                const auto on = impl::executor_of(who, from->home());
                from->next(handler(impl::trying_handler<news, decltype(who)>{std::move(who)}), on);
            },
            token);
    }

private:
    std::shared_ptr<source> from_;
};

}
