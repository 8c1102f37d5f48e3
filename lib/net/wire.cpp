#include "net/wire.hpp"

#include <doks/failure.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <cerrno>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <utility>

namespace doks::net {

namespace {

using asio::ip::tcp;
using boost::system::error_code;
using socket_type = asio::basic_stream_socket<tcp, executor>;
using resolver_type = asio::ip::basic_resolver<tcp, executor>;

error_code last_error() { return {errno, boost::system::system_category()}; }

std::string text_of(const tcp::endpoint& at)
{
    const auto address = at.address().to_string();
    const auto port = std::to_string(at.port());
    return at.address().is_v6() ? '[' + address + "]:" + port : address + ':' + port;
}

class tcp_wire final : public wire
{
public:
    tcp_wire(socket_type socket, std::string peer)
        : socket_(std::move(socket))
        , peer_(std::move(peer))
    {}

    transfer try_send(const char* data, std::size_t size) override
    {
        return result_of(::send(socket_.native_handle(), data, size, MSG_NOSIGNAL | MSG_DONTWAIT));
    }
    transfer try_receive(char* data, std::size_t size) override
    {
        return result_of(::recv(socket_.native_handle(), data, size, MSG_DONTWAIT));
    }
    void wait(direction which, std::shared_ptr<waiter> who) override
    {
        socket_.async_wait(which == direction::send ? socket_type::wait_write : socket_type::wait_read,
            [who = std::move(who)](error_code failed) { who->ready(failed); });
    }
    void close() noexcept override
    {
        error_code ignored;
        socket_.close(ignored);
    }
    std::string peer() const override { return peer_; }

private:
    static transfer result_of(ssize_t moved)
    {
        if (moved >= 0) return {static_cast<std::size_t>(moved), {}, false};
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {0, {}, true};
        return {0, last_error(), false};
    }

    socket_type socket_;
    std::string peer_;
};

/// Asio opens sockets that a forked child inherits; this one is closed on exec from the start.
error_code open_on(socket_type& socket, const tcp& protocol)
{
    const int fd = ::socket(protocol.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP);
    if (fd < 0) return last_error();
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    error_code failed;
    socket.assign(protocol, fd, failed);
    if (failed) ::close(fd);
    return failed;
}

error_code lookup_error(error_code from)
{
    if (from.category() == boost::system::system_category()) return from;
    const bool temporary = from == asio::error::host_not_found_try_again;
    return temporary ? errc::lookup_unavailable : errc::host_not_found;
}

/// Resolves the name, then tries its addresses one after the other until one answers.
class tcp_dialling final : public dialling, public std::enable_shared_from_this<tcp_dialling>
{
public:
    tcp_dialling(endpoint where, const executor& on, dialer::dial_handler handler)
        : where_(std::move(where))
        , resolver_(on)
        , socket_(on)
        , handler_(std::move(handler))
    {}

    void start()
    {
        resolver_.async_resolve(where_.host, std::to_string(where_.port), tcp::resolver::numeric_service,
            [self = shared_from_this()](error_code failed, tcp::resolver::results_type found) {
                if (!self->handler_) return;
                if (failed) return self->finish(lookup_error(failed), core::phase::resolve, self->where_.host);
                self->found_ = std::move(found);
                self->next_ = self->found_.begin();
                self->try_next(errc::host_not_found);
            });
    }

    void abandon() noexcept override
    {
        handler_ = nullptr;
        resolver_.cancel();
        error_code ignored;
        socket_.close(ignored);
    }

private:
    void try_next(error_code last)
    {
        if (next_ == found_.end()) return finish(last, core::phase::connect, tried_);
        const tcp::endpoint at = *next_++;
        tried_ += (tried_.empty() ? "" : ", ") + text_of(at);
        error_code ignored;
        socket_.close(ignored);
        if (const auto failed = open_on(socket_, at.protocol())) return finish(failed, core::phase::connect, tried_);
        socket_.async_connect(at, [self = shared_from_this(), at](error_code refused) {
            if (!self->handler_) return;
            if (refused) return self->try_next(refused);
            auto connected = std::make_unique<tcp_wire>(std::move(self->socket_), text_of(at));
            std::exchange(self->handler_, nullptr)({}, core::phase::connect, {}, std::move(connected));
        });
    }

    void finish(error_code failed, core::phase at, std::string detail)
    {
        std::exchange(handler_, nullptr)(failed, at, std::move(detail), nullptr);
    }

    endpoint where_;
    resolver_type resolver_;
    socket_type socket_;
    dialer::dial_handler handler_;
    tcp::resolver::results_type found_;
    tcp::resolver::results_type::const_iterator next_;
    std::string tried_;
};

class tcp_dialer_type final : public dialer
{
public:
    std::shared_ptr<dialling> dial(const endpoint& where, executor on, dial_handler handler) override
    {
        auto attempt = std::make_shared<tcp_dialling>(where, on, std::move(handler));
        attempt->start();
        return attempt;
    }
};

}

std::shared_ptr<dialer> tcp_dialer() { return std::make_shared<tcp_dialer_type>(); }

}
