#pragma once

#include <doks/failure.hpp>

#include <boost/asio/associator.hpp>

#include <exception>
#include <utility>

namespace doks::impl {

/// Turns a result into what a handler with `void(std::exception_ptr, T)` takes; executor, allocator and slot are its own.
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

/// The other way round: an exception becomes the failure of a result.
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
