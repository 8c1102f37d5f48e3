#include "core/address_order.hpp"
#include "core/localhost.hpp"
#include "net/dial/dialer.hpp"
#include "net/dial/name_lookup.hpp"

#include <doks/failure.hpp>
#include <doks/secret.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <netinet/tcp.h>
#include <optional>
#include <sys/socket.h>
#include <utility>
#include <vector>

namespace doks::net {

namespace {

using asio::ip::tcp;
using boost::system::error_code;
using socket_type = asio::basic_stream_socket<tcp, async::executor>;

error_code last_error() { return {errno, boost::system::system_category()}; }

std::string text_of(const tcp::endpoint& at) { return endpoint{at.address().to_string(), at.port()}.text(); }

/// A socket. It reads ahead while it waits, so that a wait that ends has the bytes already.
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
        if (held_ == 0) return ended_ ? *ended_ : result_of(::recv(socket_.native_handle(), data, size, MSG_DONTWAIT));
        const std::size_t moved = (std::min)(size, held_);
        std::memcpy(data, buffer_.data() + taken_, moved);
        taken_ += moved;
        held_ -= moved;
        return {moved, {}, false};
    }
    void wait(direction to, std::shared_ptr<waiter> waiting) override
    {
        if (to == direction::send)
            return socket_.async_wait(
                socket_type::wait_write, [call = std::move(waiting)](error_code failed) { call->ready(failed); });
        if (held_ != 0 || ended_)
            return asio::post(socket_.get_executor(), [call = std::move(waiting)] { call->ready({}); });
        buffer_.resize(buffer_size);
        socket_.async_receive(asio::buffer(buffer_.data(), buffer_.size()),
            [this, call = std::move(waiting)](error_code failed, std::size_t size) { received(failed, size, *call); });
    }
    void close() noexcept override
    {
        error_code ignored;
        socket_.close(ignored);
    }
    std::string peer() const override { return peer_; }

private:
    static constexpr std::size_t buffer_size = std::size_t(8) * 1024;

    /// The waiter keeps the wire alive.
    void received(error_code failed, std::size_t size, waiter& waiting)
    {
        taken_ = 0;
        held_ = size;
        if (failed == asio::error::operation_aborted) return waiting.ready(failed);
        if (failed) ended_ = transfer{0, failed == asio::error::eof ? error_code() : failed, false};
        waiting.ready({});
    }

    static transfer result_of(ssize_t moved)
    {
        if (moved >= 0) return {static_cast<std::size_t>(moved), {}, false};
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {0, {}, true};
        return {0, last_error(), false};
    }

    socket_type socket_;
    std::string peer_;
    /// A pending receive costs one system call; a wait for readability and the receive after it cost two more.
    secret_bytes buffer_;
    std::size_t taken_ = 0, held_ = 0;
    std::optional<transfer> ended_; ///< how the peer's bytes ended, found by a wait
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

/// Finds a name's addresses and races them until one accepts. Its lookup, timer and sockets own it; it is over once
/// `listener_` is null.
class tcp_dialling final : public dialling, public std::enable_shared_from_this<tcp_dialling>
{
public:
    tcp_dialling(endpoint to, async::executor strand, std::shared_ptr<async::clock> time,
        std::shared_ptr<dial_listener> listener)
        : to_(std::move(to))
        , strand_(std::move(strand))
        , time_(std::move(time))
        , listener_(std::move(listener))
    {}

    void start()
    {
        error_code not_an_address;
        const auto literal = asio::ip::make_address(to_.host, not_an_address);
        const bool loopback = not_an_address && core::is_localhost(to_.host);
        if (loopback)
            addresses_ = {tcp::endpoint(asio::ip::address_v6::loopback(), to_.port),
                tcp::endpoint(asio::ip::address_v4::loopback(), to_.port)};
        else if (not_an_address)
            return resolve();
        else
            addresses_.emplace_back(literal, to_.port);
        asio::post(strand_, [self = shared_from_this()] {
            if (self->listener_) self->race();
        });
    }

    void discard() noexcept override
    {
        listener_.reset();
        stop();
    }

private:
    /// RFC 8305 §5, "Connection Attempt Delay".
    static constexpr auto head_start = std::chrono::milliseconds(250);

    void resolve()
    {
        lookup_ = name_lookup::start(to_.host, strand_, [self = shared_from_this()](const found_addresses& found) {
            if (!self->listener_) return;
            if (found.failed) return self->fail(found.failed, core::phase::resolve, self->to_.host);
            for (const auto& address : found.addresses) self->addresses_.emplace_back(address, self->to_.port);
            core::alternate(self->addresses_, [](const tcp::endpoint& at) { return at.address().is_v6(); });
            self->race();
        });
    }

    /// The alarm refers to this weakly: between two attempts only a pending connect keeps it.
    void race()
    {
        listener_->dial_enters(core::phase::connect);
        alarm_ = time_->make_alarm(strand_, [watched = weak_from_this()] {
            if (const auto self = watched.lock(); self && self->listener_) self->try_next();
        });
        try_next();
    }

    void try_next()
    {
        if (next_ == addresses_.size()) return;
        const tcp::endpoint at = addresses_[next_++];
        tried_ += (tried_.empty() ? "" : ", ") + text_of(at);
        socket_type& socket = sockets_.emplace_back(strand_);
        ++running_;
        if (const auto failed = open_on(socket, at.protocol())) return lost(failed);
        if (next_ < addresses_.size()) alarm_->set(time_->steady_now() + head_start);
        socket.async_connect(at, [self = shared_from_this(), at, &socket](error_code refused) {
            if (!self->listener_) return;
            refused ? self->lost(refused) : self->won(socket, at);
        });
    }

    void lost(error_code why)
    {
        --running_;
        if (next_ < addresses_.size()) return try_next();
        if (running_ == 0) fail(why, core::phase::connect, tried_);
    }

    void won(socket_type& socket, const tcp::endpoint& at)
    {
        dial_listener::ended outcome;
        outcome.wire = std::make_unique<tcp_wire>(std::move(socket), text_of(at));
        finish(std::move(outcome));
    }

    void fail(error_code failed, core::phase at, std::string detail)
    {
        dial_listener::ended outcome;
        outcome.failed = failed;
        outcome.at = at;
        outcome.detail = std::move(detail);
        finish(std::move(outcome));
    }

    void finish(dial_listener::ended outcome)
    {
        const auto listener = std::move(listener_);
        stop();
        listener->dial_ended(std::move(outcome));
    }

    void stop() noexcept
    {
        if (lookup_) lookup_->cancel();
        if (alarm_) alarm_->clear();
        error_code ignored;
        for (auto& socket : sockets_) socket.close(ignored);
    }

    endpoint to_;
    async::executor strand_;
    std::shared_ptr<async::clock> time_;
    std::shared_ptr<name_lookup> lookup_;
    std::shared_ptr<dial_listener> listener_;
    std::unique_ptr<async::alarm> alarm_;
    std::vector<tcp::endpoint> addresses_;
    std::size_t next_ = 0;            ///< the first address that was not tried
    std::deque<socket_type> sockets_; ///< a deque, for pending operations refer to its elements
    std::size_t running_ = 0;
    std::string tried_; ///< for the failure's detail
};

class tcp_dialer_type final : public dialer
{
public:
    explicit tcp_dialer_type(std::shared_ptr<async::clock> time)
        : time_(std::move(time))
    {}

    std::shared_ptr<dialling> dial(
        const endpoint& to, async::executor strand, std::shared_ptr<dial_listener> listener) override
    {
        auto attempt = std::make_shared<tcp_dialling>(to, std::move(strand), time_, std::move(listener));
        attempt->start();
        return attempt;
    }

private:
    std::shared_ptr<async::clock> time_;
};

}

std::shared_ptr<dialer> tcp_dialer(std::shared_ptr<async::clock> time)
{
    return std::make_shared<tcp_dialer_type>(std::move(time));
}

}
