#include "sim/http/listener.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <string>
#include <system_error>
#include <utility>

namespace doks::sim {

namespace {

/** What a session throws (it may run out of memory) ends its connection and nothing else. */
asio::awaitable<void> serve(std::shared_ptr<session> one)
{
    try {
        co_await one->run();
    } catch (const std::exception&) {
        one->abandon();
    }
}

/** Asio's own sockets are inherited by child processes; these are not. */
int listen_on_loopback(sockaddr_in& address)
{
    int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made < 0) return -1;
    int on = 1;
    socklen_t size = sizeof(address);
    auto raw = reinterpret_cast<sockaddr*>(&address);
    bool done = ::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 && ::bind(made, raw, size) == 0 &&
                ::listen(made, SOMAXCONN) == 0 && ::getsockname(made, raw, &size) == 0;
    if (done) return made;
    int error = errno;
    ::close(made);
    errno = error;
    return -1;
}

}

bound_port::bound_port(std::uint16_t wanted)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(wanted);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socket_ = listen_on_loopback(address);
    if (socket_ < 0)
        throw std::system_error(errno, std::generic_category(), "listening on 127.0.0.1:" + std::to_string(wanted));
    number_ = ntohs(address.sin_port);
}

bound_port::~bound_port()
{
    if (socket_ >= 0) ::close(socket_);
}

int bound_port::release() { return std::exchange(socket_, -1); }

listener::listener(
    asio::io_context& context, bound_port& port, asio::ssl::context* tls, service& service, session_rules rules)
    : context_(context)
    , acceptor_(context)
    , breather_(context)
    , tls_(tls)
    , service_(service)
    , rules_(rules)
{
    acceptor_.assign(asio::ip::tcp::v4(), port.release());
}

void listener::wait()
{
    acceptor_.async_wait(asio::socket_base::wait_read, [this](boost::system::error_code error) {
        if (!error) accept_all();
    });
}

void listener::accept_all()
{
    while (true) {
        int socket = ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (socket >= 0)
            begin_session(socket);
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            return wait();
        else if (errno != EINTR && errno != ECONNABORTED)
            break;
    }
    // Out of descriptors or memory: the next attempt comes when some may have been given back.
    breather_.expires_after(std::chrono::milliseconds(10));
    breather_.async_wait([this](boost::system::error_code error) {
        if (!error) wait();
    });
}

void listener::begin_session(int socket)
{
    asio::ip::tcp::socket accepted(context_);
    boost::system::error_code error;
    accepted.assign(asio::ip::tcp::v4(), socket, error);
    if (error) {
        ::close(socket);
        return;
    }
    auto made = std::make_shared<session>(std::move(accepted), tls_, service_, rules_, ++accepted_);
    sessions_.push_back(made);
    if (sessions_.size() >= sweep_at_) {
        std::erase_if(sessions_, [](const std::weak_ptr<session>& each) { return each.expired(); });
        sweep_at_ = std::max<std::size_t>(64, sessions_.size() * 2);
    }
    asio::co_spawn(context_, serve(std::move(made)), asio::detached);
}

void listener::drain()
{
    for (const auto& each : sessions_)
        if (auto still = each.lock()) still->drain();
}

}
