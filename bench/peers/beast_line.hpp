#pragma once

#include "peers/workers.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <openssl/x509v3.h>

namespace peers {

/// The loop that a user of Beast writes by hand, on a stream without timeouts or with them.
template <class Stream> class beast_line
{
public:
    using executor = typename Stream::executor_type;
    template <class T> using task = boost::asio::awaitable<T, executor>;
    static constexpr bool has_timeouts = requires(Stream & stream) { stream.expires_never(); };

    beast_line(const executor& on, boost::asio::ssl::context& tls, const order& what)
        : what_(what)
        , stream_(on, tls)
    {
        request_.method(boost::beast::http::verb::get);
        request_.target(what.path);
        request_.set(boost::beast::http::field::host, what.address());
        request_.set(boost::beast::http::field::user_agent, "bench");
        request_.set(boost::beast::http::field::accept_encoding, "identity");
        request_.set(boost::beast::http::field::authorization, "Bearer " + what.token);
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(stream_.native_handle()), what.host.c_str());
    }

    task<void> open()
    {
        auto& below = stream_.next_layer();
        bound();
        const boost::asio::ip::tcp::endpoint to(boost::asio::ip::make_address(what_.host), what_.port);
        co_await below.async_connect(to, awaited);
        lowest(below).set_option(boost::asio::ip::tcp::no_delay(true));
        bound();
        co_await stream_.async_handshake(boost::asio::ssl::stream_base::client, awaited);
    }

    task<void> ask(meter& by)
    {
        while (by.take()) {
            const auto asked = std::chrono::steady_clock::now();
            bound();
            co_await boost::beast::http::async_write(stream_, request_, awaited);
            boost::beast::http::response<boost::beast::http::string_body> answer;
            co_await boost::beast::http::async_read(stream_, buffer_, answer, awaited);
            by.answered(asked, answer.result_int(), answer.body().size());
        }
    }

private:
    static constexpr boost::asio::use_awaitable_t<executor> awaited{};

    void bound()
    {
        if constexpr (has_timeouts) stream_.next_layer().expires_after(std::chrono::seconds(30));
    }
    static auto& lowest(Stream& of)
    {
        if constexpr (has_timeouts)
            return of.socket();
        else
            return of;
    }

    const order& what_;
    boost::beast::ssl_stream<Stream> stream_;
    boost::beast::flat_buffer buffer_;
    boost::beast::http::request<boost::beast::http::empty_body> request_;
};

/// The whole program, under the client's name.
template <class Stream> int run_beast(int argc, char** argv, std::string_view name)
{
    const auto what = read_order(argc, argv);
    meter by(what);
    boost::asio::ssl::context tls(boost::asio::ssl::context::tls_client);
    tls.load_verify_file(what.ca_file);
    tls.set_verify_mode(boost::asio::ssl::verify_peer);
    boost::asio::io_context context(1);
    std::vector<std::unique_ptr<beast_line<Stream>>> lines;
    for (std::size_t i = 0; i < what.connections; ++i)
        lines.push_back(std::make_unique<beast_line<Stream>>(context.get_executor(), tls, what));
    run_workers(context, what.connections, [&](std::size_t i) { return lines[i]->open(); });
    run_measured(context, what, by, [&](std::size_t i) { return lines[i]->ask(by); });
    by.report(name);
    return 0;
}

}
