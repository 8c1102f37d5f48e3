#include "network/servers/relay.hpp"

#include "network/servers/sockets.hpp"

#include <array>

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

// Forwards bytes both ways, on threads of its own, and keeps a copy.

namespace doks::test {

namespace {

constexpr int turn = 20; // ms, after which a thread looks whether it shall stop

bool send_all(int to, const char* data, std::size_t size)
{
    while (size != 0) {
        const auto sent = ::send(to, data, size, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        data += sent;
        size -= static_cast<std::size_t>(sent);
    }
    return true;
}

}

relay::relay(std::uint16_t to)
    : to_(to)
    , listener_(listen_on_loopback(port_))
    , acceptor_([this] { accept_all(); })
{}

relay::~relay()
{
    stopping_ = true;
    acceptor_.join();
    for (auto& each : carriers_) each.join();
    ::close(listener_);
}

std::string relay::heard() const
{
    const std::lock_guard lock(guard_);
    return heard_;
}

void relay::accept_all()
{
    while (!stopping_) {
        pollfd ready{listener_, POLLIN, 0};
        if (::poll(&ready, 1, turn) <= 0) continue;
        const int from = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (from >= 0) carriers_.emplace_back([this, from] { carry(from); });
    }
}

void relay::carry(int from)
{
    const int to = connect_to_loopback(to_);
    std::array<char, 16384> piece;
    for (bool open = to >= 0; open && !stopping_;) {
        std::array<pollfd, 2> ready{pollfd{from, POLLIN, 0}, pollfd{to, POLLIN, 0}};
        if (::poll(ready.data(), ready.size(), turn) <= 0) continue;
        for (std::size_t side = 0; side < 2 && open; ++side) {
            if (ready[side].revents == 0) continue;
            const auto got = ::recv(ready[side].fd, piece.data(), piece.size(), 0);
            open = got > 0 && send_all(ready[1 - side].fd, piece.data(), static_cast<std::size_t>(got));
            if (!open || side != 0) continue;
            const std::lock_guard lock(guard_);
            heard_.append(piece.data(), static_cast<std::size_t>(got));
        }
    }
    ::close(from);
    if (to >= 0) ::close(to);
}

}
