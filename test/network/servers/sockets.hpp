#pragma once

#include <cerrno>
#include <cstdint>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

// Plain loopback sockets for servers of the tests.

namespace doks::test {

inline sockaddr_in ipv4_at(const char* address, std::uint16_t port)
{
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    ::inet_pton(AF_INET, address, &at.sin_addr);
    return at;
}

/// A listening socket at the address; a port of zero is replaced by the one that it got.
inline int listen_at(const char* address, std::uint16_t& port, int backlog, int flags = 0)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    auto at = ipv4_at(address, port);
    socklen_t size = sizeof at;
    if (::bind(fd, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(fd, backlog) != 0) {
        const int why = errno;
        ::close(fd);
        throw std::system_error(why, std::generic_category(), address);
    }
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
    return fd;
}

inline int listen_on_loopback(std::uint16_t& port, int flags = 0)
{
    return listen_at("127.0.0.1", port, SOMAXCONN, flags);
}

/// Negative where no server listens.
inline int connect_to_loopback(std::uint16_t port)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto at = ipv4_at("127.0.0.1", port);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0) return fd;
    ::close(fd);
    return -1;
}

}
