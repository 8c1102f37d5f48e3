// The least that a client in coroutines can be: OpenSSL on the non-blocking socket, Asio to learn of readiness, Beast's
// parser, one coroutine for each connection. No pool, no deadline, no retry.

#include "peers/workers.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <stdexcept>

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

using executor = asio::io_context::executor_type;
using socket_type = asio::basic_stream_socket<asio::ip::tcp, executor>;
constexpr asio::use_awaitable_t<executor> awaited;
template <class T> using task = asio::awaitable<T, executor>;

class line
{
public:
    line(const executor& on, SSL_CTX* tls, const peers::order& what)
        : what_(what)
        , request_(peers::request_text(what))
        , socket_(on)
        , ssl_(peers::make_connection(tls, what))
    {}

    task<void> open()
    {
        co_await socket_.async_connect({asio::ip::make_address(what_.host), what_.port}, awaited);
        socket_.set_option(asio::ip::tcp::no_delay(true));
        socket_.native_non_blocking(true);
        SSL_set_fd(ssl_.get(), socket_.native_handle());
        for (int done = SSL_connect(ssl_.get()); done != 1; done = SSL_connect(ssl_.get())) co_await readiness(done);
    }

    task<void> ask(peers::meter& by)
    {
        while (by.take()) {
            const auto asked = std::chrono::steady_clock::now();
            co_await send();
            http::response_parser<http::string_body> parser;
            parser.eager(true);
            std::size_t filled = 0;
            while (!parser.is_done()) {
                filled += co_await receive(filled);
                boost::system::error_code failed;
                const auto used = parser.put(asio::buffer(buffer_, filled), failed);
                if (failed && failed != http::error::need_more) throw boost::system::system_error(failed);
                filled -= used;
                std::copy(buffer_ + used, buffer_ + used + filled, buffer_);
            }
            by.answered(asked, parser.get().result_int(), parser.get().body().size());
        }
    }

private:
    /// Until the socket can do what the last call of OpenSSL lacked.
    task<void> readiness(int returned)
    {
        const int lacks = SSL_get_error(ssl_.get(), returned);
        if (lacks == SSL_ERROR_WANT_READ)
            co_await socket_.async_wait(socket_type::wait_read, awaited);
        else if (lacks == SSL_ERROR_WANT_WRITE)
            co_await socket_.async_wait(socket_type::wait_write, awaited);
        else
            throw std::runtime_error("TLS");
    }

    task<void> send()
    {
        const auto size = static_cast<int>(request_.size());
        for (int sent = SSL_write(ssl_.get(), request_.data(), size); sent <= 0;
             sent = SSL_write(ssl_.get(), request_.data(), size))
            co_await readiness(sent);
        co_await socket_.async_wait(socket_type::wait_read, awaited);
    }

    task<std::size_t> receive(std::size_t filled)
    {
        int got = 0;
        while ((got = SSL_read(ssl_.get(), buffer_ + filled, static_cast<int>(sizeof buffer_ - filled))) <= 0)
            co_await readiness(got);
        co_return static_cast<std::size_t>(got);
    }

    const peers::order& what_;
    std::string request_;
    socket_type socket_;
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
    char buffer_[16 * 1024];
};

}

int main(int argc, char** argv)
{
    const auto what = peers::read_order(argc, argv);
    peers::meter by(what);
    const auto tls = peers::make_tls(what);
    asio::io_context context(1);
    std::vector<std::unique_ptr<line>> lines;
    for (std::size_t i = 0; i < what.connections; ++i)
        lines.push_back(std::make_unique<line>(context.get_executor(), tls.get(), what));
    peers::run_workers(context, what.connections, [&](std::size_t i) { return lines[i]->open(); });
    peers::run_measured(context, what, by, [&](std::size_t i) { return lines[i]->ask(by); });
    by.report("prototype");
    return 0;
}
