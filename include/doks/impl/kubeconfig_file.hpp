#pragma once

#include <doks/impl/handlers.hpp>
#include <doks/stream.hpp>

#include <boost/asio/async_result.hpp>
#include <boost/asio/system_executor.hpp>

#include <utility>

template <class T, class Token, class... Arguments>
auto doks::kubeconfig_file::throwing(Token& token, start_of<T, Arguments...> start, Arguments... arguments) const
{
    return boost::asio::async_initiate<Token, void(std::exception_ptr, T)>(
        [self = *this, start](auto handler, Arguments... with) {
            const auto executor = impl::executor_of(handler, boost::asio::system_executor());
            (self.*start)({std::move(handler), executor}, std::move(with)...);
        },
        token, std::move(arguments)...);
}

template <class T, class Token, class... Arguments>
auto doks::kubeconfig_file::trying(Token& token, start_of<T, Arguments...> start, Arguments... arguments) const
{
    return boost::asio::async_initiate<Token, void(result<T>)>(
        [self = *this, start](auto handler, Arguments... with) {
            const auto executor = impl::executor_of(handler, boost::asio::system_executor());
            using adapted = impl::trying_handler<T, decltype(handler)>;
            (self.*start)({adapted{std::move(handler)}, executor}, std::move(with)...);
        },
        token, std::move(arguments)...);
}

template <class Token> auto doks::kubeconfig_file::async_check_writable(Token&& token) const
{
    return throwing<std::filesystem::path, Token>(token, &kubeconfig_file::start_check);
}

template <class Token> auto doks::kubeconfig_file::try_async_check_writable(Token&& token) const
{
    return trying<std::filesystem::path, Token>(token, &kubeconfig_file::start_check);
}

template <class Token>
auto doks::kubeconfig_file::async_merge(std::vector<kubeconfig> configs, merge_options options, Token&& token) const
{
    return throwing<merge_result, Token>(token, &kubeconfig_file::start_merge, std::move(configs), std::move(options));
}

template <class Token>
auto doks::kubeconfig_file::try_async_merge(std::vector<kubeconfig> configs, merge_options options, Token&& token) const
{
    return trying<merge_result, Token>(token, &kubeconfig_file::start_merge, std::move(configs), std::move(options));
}

template <class Token> auto doks::kubeconfig_file::async_remove(std::vector<std::string> names, Token&& token) const
{
    return throwing<remove_result, Token>(token, &kubeconfig_file::start_remove, std::move(names));
}

template <class Token> auto doks::kubeconfig_file::try_async_remove(std::vector<std::string> names, Token&& token) const
{
    return trying<remove_result, Token>(token, &kubeconfig_file::start_remove, std::move(names));
}

template <class Token> auto doks::kubeconfig_file::async_entries(Token&& token) const
{
    return throwing<std::vector<kubeconfig_entry>, Token>(token, &kubeconfig_file::start_entries);
}

template <class Token> auto doks::kubeconfig_file::try_async_entries(Token&& token) const
{
    return trying<std::vector<kubeconfig_entry>, Token>(token, &kubeconfig_file::start_entries);
}
