#include "network/dial.hpp"
#include "network/sockets.hpp"

#include <boost/asio/io_context.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>

using namespace std::chrono_literals;
using namespace doks;
using namespace doks::test;

namespace {

/// The name that has the addresses below, one after the other.
constexpr const char* two_houses = "two-houses.test";
std::vector<std::string> its_addresses;

}

/// Stands before the system's: a name with several addresses, which no machine has for certain.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** found)
{
    static const auto real = reinterpret_cast<decltype(&getaddrinfo)>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    if (!name || std::string(name) != two_houses) return real(name, service, hints, found);
    addrinfo** behind = found;
    for (const auto& each : its_addresses) {
        if (const int failed = real(each.c_str(), service, hints, behind)) return failed;
        while (*behind) behind = &(*behind)->ai_next;
    }
    return 0;
}

namespace {

/// A listener whose queue is full: what connects now hears nothing.
class black_hole
{
public:
    black_hole(const char* address, std::uint16_t port)
        : listener_(listen_at(address, port, 0))
    {
        const auto at = ipv4_at(address, port);
        for (int& each : fillers_) {
            each = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
            ::connect(each, reinterpret_cast<const sockaddr*>(&at), sizeof at);
        }
    }
    black_hole(const black_hole&) = delete;
    black_hole& operator=(const black_hole&) = delete;
    ~black_hole()
    {
        for (int each : fillers_) ::close(each);
        ::close(listener_);
    }

private:
    int listener_;
    int fillers_[4];
};

struct dialled
{
    std::string peer;
    std::chrono::duration<double, std::milli> took{};
};

dialled reach(std::uint16_t port)
{
    boost::asio::io_context context;
    const auto start = std::chrono::steady_clock::now();
    const auto got = dial(context, two_houses, port);
    REQUIRE(got.line);
    return {got.line->peer(), got.end - start};
}

struct good_house
{
    std::uint16_t port = 0;
    int fd = listen_on_loopback(port);
    good_house() = default;
    good_house(const good_house&) = delete;
    good_house& operator=(const good_house&) = delete;
    ~good_house() { ::close(fd); }
};

}

TEST_CASE("a first address that swallows what it is sent costs 250 ms and a little")
{
    const good_house good;
    const black_hole first("127.0.0.2", good.port);
    its_addresses = {"127.0.0.2", "127.0.0.1"};
    std::vector<double> took;
    for (std::size_t rounds = std::getenv("DOKS_LONG") ? 200 : 12; rounds != 0; --rounds) {
        const auto got = reach(good.port);
        CHECK(got.peer == "127.0.0.1:" + std::to_string(good.port));
        took.push_back(got.took.count());
    }
    std::ranges::sort(took);
    const double p99 = took[(took.size() - 1) * 99 / 100];
    MESSAGE(took.size(), " connects: median ", took[took.size() / 2], " ms, 99th percentile ", p99, " ms, longest ",
        took.back(), " ms");
    CHECK(took.front() >= 249);
    CHECK(p99 < 350);
}

TEST_CASE("a first address that refuses is passed over at once")
{
    const good_house good;
    its_addresses = {"127.0.0.2", "127.0.0.1"};
    std::vector<double> took;
    for (int i = 0; i < 50; ++i) {
        const auto got = reach(good.port);
        CHECK(got.peer == "127.0.0.1:" + std::to_string(good.port));
        took.push_back(got.took.count());
    }
    std::ranges::sort(took);
    MESSAGE("50 connects: median ", took[25], " ms, longest ", took.back(), " ms");
    CHECK(took[25] < 50);
}

TEST_CASE("a name with addresses of both families is reached where only one of them is served")
{
    const good_house good;
    its_addresses = {"::1", "127.0.0.1"};
    const auto got = reach(good.port);
    MESSAGE("connected to ", got.peer, " after ", got.took.count(), " ms");
    CHECK(got.peer == "127.0.0.1:" + std::to_string(good.port));
    CHECK(got.took.count() < 100);
}
