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

template <class Token> auto doks::client::try_kubeconfig(std::string id, call_options options, Token&& token) const
{
    return boost::asio::async_initiate<Token, void(result<doks::kubeconfig>)>(
        [self = *this](auto handler, std::string cluster_id, call_options with) {
            self.start_kubeconfig(std::move(cluster_id), with, handler_of<doks::kubeconfig>(std::move(handler)));
        },
        token, std::move(id), options);
}

template <std::same_as<doks::cluster_selector> Selector, class Token>
auto doks::client::clusters(const Selector& wanted, call_options options, Token&& token) const
{
    using found = std::vector<doks::cluster>;
    return boost::asio::async_initiate<Token, void(std::exception_ptr, found)>(
        [self = *this](auto handler, cluster_selector meant, call_options with) {
            using adapted = impl::throwing_handler<found, decltype(handler)>;
            self.start_selection(std::move(meant), with, handler_of<found>(adapted{std::move(handler)}));
        },
        token, cluster_selector(wanted), options);
}

template <class Token> auto doks::client::drain(std::chrono::steady_clock::duration bound, Token&& token) const
{
    return boost::asio::async_initiate<Token, void()>(
        [self = *this](auto handler, std::chrono::steady_clock::duration within) {
            self.start_drain(within, boost::asio::any_completion_handler<void()>(std::move(handler)));
        },
        token, bound);
}

template <class Token> auto doks::client::warm_up(std::size_t count, Token&& token) const
{
    return boost::asio::async_initiate<Token, void(std::size_t)>(
        [self = *this](auto handler, std::size_t wanted) {
            self.start_warm_up(wanted, boost::asio::any_completion_handler<void(std::size_t)>(std::move(handler)));
        },
        token, count);
}
