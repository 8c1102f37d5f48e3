#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace doks::test {

/// A TCP relay on loopback that keeps what the clients sent through it.
class relay
{
public:
    /// To this port of 127.0.0.1.
    explicit relay(std::uint16_t to);
    relay(const relay&) = delete;
    relay& operator=(const relay&) = delete;
    ~relay();

    std::uint16_t port() const noexcept { return port_; }
    /// What all clients sent so far, in the order of arrival.
    std::string heard() const;

private:
    void accept_all();
    void carry(int from);

    std::uint16_t to_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::atomic<bool> stopping_ = false;
    mutable std::mutex guard_;
    std::string heard_;
    std::vector<std::thread> carriers_;
    std::thread acceptor_;
};

}
