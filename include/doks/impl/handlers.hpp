#pragma once

#include <doks/failure.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/associator.hpp>

#include <exception>
#include <type_traits>
#include <utility>

namespace doks::impl {

/// The handler's own executor; `otherwise` if it has none, or one that an any_io_executor cannot hold.
template <class Handler>
boost::asio::any_io_executor executor_of(const Handler& handler, const boost::asio::any_io_executor& otherwise)
{
    auto executor = boost::asio::get_associated_executor(handler, otherwise);
    if constexpr (std::is_convertible_v<decltype(executor), boost::asio::any_io_executor>)
        return executor;
    else
        return otherwise;
}

/// Takes a result and calls a handler of `void(std::exception_ptr, T)`. Executor, allocator and slot are that handler's.
template <class T, class Handler> struct throwing_handler
{
    Handler inner;

    void operator()(result<T> outcome)
    {
        if (outcome)
            std::move(inner)(std::exception_ptr(), std::move(*outcome));
        else
            std::move(inner)(std::make_exception_ptr(outcome.error()), T());
    }
};

/// The opposite: takes an exception or a value and calls a handler of `void(result<T>)`.
template <class T, class Handler> struct trying_handler
{
    Handler inner;

    void operator()(std::exception_ptr thrown, T value)
    {
        if (thrown)
            std::move(inner)(result<T>(failure_of(thrown)));
        else
            std::move(inner)(result<T>(std::move(value)));
    }
};

}

template <template <class, class> class Associator, class T, class Handler, class Default>
struct boost::asio::associator<Associator, doks::impl::throwing_handler<T, Handler>, Default>
    : Associator<Handler, Default>
{
    static auto get(const doks::impl::throwing_handler<T, Handler>& from) noexcept
    {
        return Associator<Handler, Default>::get(from.inner);
    }
    static auto get(const doks::impl::throwing_handler<T, Handler>& from, const Default& otherwise) noexcept
    {
        return Associator<Handler, Default>::get(from.inner, otherwise);
    }
};

template <template <class, class> class Associator, class T, class Handler, class Default>
struct boost::asio::associator<Associator, doks::impl::trying_handler<T, Handler>, Default>
    : Associator<Handler, Default>
{
    static auto get(const doks::impl::trying_handler<T, Handler>& from) noexcept
    {
        return Associator<Handler, Default>::get(from.inner);
    }
    static auto get(const doks::impl::trying_handler<T, Handler>& from, const Default& otherwise) noexcept
    {
        return Associator<Handler, Default>::get(from.inner, otherwise);
    }
};
