#pragma once

#include <doks/impl/handlers.hpp>

template <class T, class Token, class Subject>
auto doks::client::throwing(Token& token, start_of<T, Subject> start, Subject subject, call_options options) const
{
    return boost::asio::async_initiate<Token, void(std::exception_ptr, T)>(
        [self = *this, start](auto handler, Subject about, call_options with) {
            using adapted = impl::throwing_handler<T, decltype(handler)>;
            (self.*start)(std::move(about), with, handler_of<T>(adapted{std::move(handler)}));
        },
        token, std::move(subject), options);
}

template <class T, class Token, class Subject>
auto doks::client::trying(Token& token, start_of<T, Subject> start, Subject subject, call_options options) const
{
    return boost::asio::async_initiate<Token, void(result<T>)>(
        [self = *this, start](auto handler, Subject about, call_options with) {
            (self.*start)(std::move(about), with, handler_of<T>(std::move(handler)));
        },
        token, std::move(subject), options);
}

template <class Token> auto doks::client::kubeconfig(std::string id, call_options options, Token&& token) const
{
    return throwing<doks::kubeconfig, Token>(token, &client::start_kubeconfig, std::move(id), options);
}

template <class Token> auto doks::client::try_kubeconfig(std::string id, call_options options, Token&& token) const
{
    return trying<doks::kubeconfig, Token>(token, &client::start_kubeconfig, std::move(id), options);
}

template <class Token> auto doks::client::clusters(call_options options, Token&& token) const
{
    return throwing<std::vector<doks::cluster>, Token>(token, &client::start_clusters, std::string(), options);
}

template <class Token> auto doks::client::try_clusters(call_options options, Token&& token) const
{
    return trying<std::vector<doks::cluster>, Token>(token, &client::start_clusters, std::string(), options);
}

template <std::same_as<doks::cluster_selector> Selector, class Token>
auto doks::client::clusters(const Selector& wanted, call_options options, Token&& token) const
{
    return throwing<std::vector<doks::cluster>, Token>(
        token, &client::start_selection, cluster_selector(wanted), options);
}

template <std::same_as<doks::cluster_selector> Selector, class Token>
auto doks::client::try_clusters(const Selector& wanted, call_options options, Token&& token) const
{
    return trying<std::vector<doks::cluster>, Token>(
        token, &client::start_selection, cluster_selector(wanted), options);
}

template <class Token> auto doks::client::cluster(std::string id, call_options options, Token&& token) const
{
    return throwing<doks::cluster, Token>(token, &client::start_cluster, std::move(id), options);
}

template <class Token> auto doks::client::try_cluster(std::string id, call_options options, Token&& token) const
{
    return trying<doks::cluster, Token>(token, &client::start_cluster, std::move(id), options);
}

template <class Token> auto doks::client::find_cluster(std::string name, call_options options, Token&& token) const
{
    return throwing<doks::cluster, Token>(token, &client::start_find, std::move(name), options);
}

template <class Token> auto doks::client::try_find_cluster(std::string name, call_options options, Token&& token) const
{
    return trying<doks::cluster, Token>(token, &client::start_find, std::move(name), options);
}

template <class Token> auto doks::client::wait_ready(std::string id, call_options options, Token&& token) const
{
    return throwing<doks::cluster, Token>(token, &client::start_wait, std::move(id), options);
}

template <class Token> auto doks::client::try_wait_ready(std::string id, call_options options, Token&& token) const
{
    return trying<doks::cluster, Token>(token, &client::start_wait, std::move(id), options);
}

template <class Token> auto doks::client::cluster_user(std::string id, call_options options, Token&& token) const
{
    return throwing<doks::cluster_user, Token>(token, &client::start_cluster_user, std::move(id), options);
}

template <class Token> auto doks::client::try_cluster_user(std::string id, call_options options, Token&& token) const
{
    return trying<doks::cluster_user, Token>(token, &client::start_cluster_user, std::move(id), options);
}

template <class Token> auto doks::client::credentials(std::string id, call_options options, Token&& token) const
{
    return throwing<doks::credentials, Token>(token, &client::start_credentials, std::move(id), options);
}

template <class Token> auto doks::client::try_credentials(std::string id, call_options options, Token&& token) const
{
    return trying<doks::credentials, Token>(token, &client::start_credentials, std::move(id), options);
}

template <class Token> auto doks::client::drain(std::chrono::steady_clock::duration bound, Token&& token) const
{
    return boost::asio::async_initiate<Token, void()>(
        [self = *this](auto handler, std::chrono::steady_clock::duration timeout) {
            self.start_drain(timeout, boost::asio::any_completion_handler<void()>(std::move(handler)));
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
