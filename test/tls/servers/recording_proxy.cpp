#include "tls/servers/recording_proxy.hpp"

#include <array>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

// A proxy that records every byte of its client; see recording_proxy.hpp.

namespace doks::test {

namespace {

sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    at.sin_port = htons(port);
    return at;
}

bool send_all(int socket, std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

/// `CONNECT 127.0.0.1:8443 HTTP/1.1`
std::uint16_t port_asked_for(const std::string& head)
{
    const auto from = head.find(':') + 1;
    return static_cast<std::uint16_t>(std::stoul(head.substr(from, head.find(' ', from) - from)));
}

}

recording_proxy::recording_proxy(proxy_script how)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    , how_(std::move(how))
{
    auto at = loopback(0);
    socklen_t size = sizeof at;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 || ::listen(listener_, 64) != 0)
        throw std::runtime_error("listen");
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

recording_proxy::~recording_proxy()
{
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    forget();
    ::close(listener_);
}

void recording_proxy::become(proxy_script how)
{
    const std::lock_guard lock(guard_);
    how_ = std::move(how);
}

std::vector<recording_proxy::seen> recording_proxy::connections() const
{
    std::vector<seen> all;
    const std::lock_guard lock(guard_);
    for (const auto& each : served_) all.push_back(each.record);
    return all;
}

void recording_proxy::forget()
{
    std::list<served> gone;
    {
        const std::lock_guard lock(guard_);
        gone.splice(gone.end(), served_);
        for (const auto& each : gone) {
            ::shutdown(each.socket, SHUT_RDWR);
            if (each.onward >= 0) ::shutdown(each.onward, SHUT_RDWR);
        }
    }
    for (auto& each : gone) {
        each.worker.join();
        ::close(each.socket);
        if (each.onward >= 0) ::close(each.onward);
    }
}

void recording_proxy::accept_all()
{
    for (;;) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) return;
        const std::lock_guard lock(guard_);
        auto& one = served_.emplace_back();
        one.socket = socket;
        one.how = how_;
        one.worker = std::thread([this, &one] { serve(one); });
    }
}

void recording_proxy::serve(served& one)
{
    char byte = 0;
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos && ::recv(one.socket, &byte, 1, 0) == 1) {
        head += byte;
        const std::lock_guard lock(guard_);
        one.record.head = head;
    }
    if (head.find("\r\n\r\n") != std::string::npos && answer(one) && one.how.tunnels) relay(one);
    if (!one.how.silent) ::shutdown(one.socket, SHUT_WR);
    std::array<char, 4096> piece;
    for (auto got = ::recv(one.socket, piece.data(), piece.size(), 0); got > 0;
         got = ::recv(one.socket, piece.data(), piece.size(), 0)) {
        const std::lock_guard lock(guard_);
        one.record.rest.append(piece.data(), static_cast<std::size_t>(got));
    }
}

bool recording_proxy::answer(served& one)
{
    if (one.how.between.count() == 0) return send_all(one.socket, one.how.answer);
    for (const char each : one.how.answer) {
        std::this_thread::sleep_for(one.how.between);
        if (!send_all(one.socket, {&each, 1})) return false;
    }
    return true;
}

void recording_proxy::relay(served& one)
{
    const auto at = loopback(port_asked_for(one.record.head));
    const int onward = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    {
        const std::lock_guard lock(guard_);
        one.onward = onward;
    }
    if (::connect(onward, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0) return;
    std::array<char, 16384> piece;
    for (;;) {
        std::array<pollfd, 2> both{{{one.socket, POLLIN, 0}, {onward, POLLIN, 0}}};
        if (::poll(both.data(), both.size(), -1) < 0) return;
        for (const auto& [from, to] : {std::pair(0, 1), std::pair(1, 0)}) {
            const auto index = static_cast<std::size_t>(from);
            if (both[index].revents == 0) continue;
            const auto got = ::recv(both[index].fd, piece.data(), piece.size(), 0);
            if (got <= 0) return;
            const std::string_view bytes(piece.data(), static_cast<std::size_t>(got));
            if (from == 0) {
                const std::lock_guard lock(guard_);
                one.record.rest += bytes;
            }
            if (!send_all(both[static_cast<std::size_t>(to)].fd, bytes)) return;
        }
    }
}

}
