#pragma once

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

template <class T, class Token>
auto doks::client::throwing(Token& token, start_of<T> start, std::string id, call_options options) const
{
    return boost::asio::async_initiate<Token, void(std::exception_ptr, T)>(
        [self = *this, start](auto handler, std::string cluster_id, call_options with) {
            using adapted = impl::throwing_handler<T, decltype(handler)>;
            (self.*start)(std::move(cluster_id), with, handler_of<T>(adapted{std::move(handler)}));
        },
        token, std::move(id), options);
}
