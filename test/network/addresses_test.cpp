#include "core/localhost.hpp"
#include "net/dial/proxy_dialer.hpp"
#include "network/dial.hpp"
#include "network/servers/resolver.hpp"
#include "network/servers/sockets.hpp"
#include "support/long_form.hpp"

#include <boost/asio/io_context.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include <fcntl.h>

// Names with several addresses, on real sockets, by a getaddrinfo that the test scripts.

using namespace std::chrono_literals;
using namespace doks;
using namespace doks::test;
namespace resolver = doks::test::resolver;

namespace {

/// The name that has the addresses below, one after the other.
constexpr const char* two_houses = "two-houses.test";

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

/// The address that a dial reached, and how long that took.
struct dialled
{
    std::string peer;
    std::chrono::duration<double, std::milli> took{};
};

/// Dials the scripted name on this port.
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
    resolver::set(two_houses, {"127.0.0.2", "127.0.0.1"});
    std::vector<double> took;
    for (std::size_t rounds = is_long() ? 200 : 12; rounds != 0; --rounds) {
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
    resolver::set(two_houses, {"127.0.0.2", "127.0.0.1"});
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
    resolver::set(two_houses, {"::1", "127.0.0.1"});
    const auto got = reach(good.port);
    MESSAGE("connected to ", got.peer, " after ", got.took.count(), " ms");
    CHECK(got.peer == "127.0.0.1:" + std::to_string(good.port));
    CHECK(got.took.count() < 100);
}

namespace {

constexpr const char* names_of_loopback[] = {
    "localhost", "LOCALHOST", "localhost.", "anything.localhost", "a.b.LocalHost.", "xn--bcher-kva.localhost"};
constexpr const char* other_names[] = {"", ".", "localhos", "notlocalhost", "localhost.evil.test",
    "localhost.localdomain", "ip6-localhost", ".localhost", "localhost..", "local.host", "127.0.0.1"};

/// A listener of the other family on the same port number, or on one of its own.
int listen_at_ipv6(std::uint16_t port)
{
    const int fd = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in6 at{};
    at.sin6_family = AF_INET6;
    at.sin6_port = htons(port);
    at.sin6_addr = in6addr_loopback;
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 && ::listen(fd, 8) == 0) return fd;
    ::close(fd);
    return -1;
}

}

TEST_CASE("localhost and the names below it are recognised, and no others")
{
    for (const std::string name : names_of_loopback) CHECK_MESSAGE(core::is_localhost(name), name);
    for (const std::string name : other_names) CHECK_MESSAGE(!core::is_localhost(name), name);
}

TEST_CASE("localhost and the names below it are loopback, and no resolver is asked")
{
    const good_house good;
    resolver::take_asked();
    for (const std::string name : names_of_loopback) {
        CAPTURE(name);
        boost::asio::io_context context;
        const auto got = dial(context, name, good.port);
        REQUIRE(got.line);
        CHECK(got.line->peer() == "127.0.0.1:" + std::to_string(good.port));
    }
    CHECK(resolver::take_asked().empty());
    boost::asio::io_context context;
    CHECK_FALSE(dial(context, "localhost.doks.invalid", good.port).line);
    CHECK_FALSE(resolver::take_asked().empty());
}

TEST_CASE("a server on ::1 alone is reached as localhost")
{
    std::uint16_t port = 0;
    ::close(listen_on_loopback(port));
    const int fd = listen_at_ipv6(port);
    if (fd < 0) {
        MESSAGE("skipped: no IPv6 here");
        return;
    }
    boost::asio::io_context context;
    const auto got = dial(context, "server.localhost", port);
    REQUIRE(got.line);
    CHECK(got.line->peer() == "[::1]:" + std::to_string(port));
    ::close(fd);
}

TEST_CASE("a proxy that is named below localhost is reached without a resolver")
{
    struct listener final : net::dial_listener
    {
        void dial_enters(core::phase next) override { asks_proxy = asks_proxy || next == core::phase::proxy; }
        void dial_ended(ended) override {}
        bool asks_proxy = false;
    };
    const good_house proxy;
    resolver::take_asked();
    boost::asio::io_context context;
    const auto who = std::make_shared<listener>();
    const async::inner_executor on{boost::asio::any_io_executor(context.get_executor())};
    const auto through =
        net::proxy_dialer(net::tcp_dialer(async::system_clock()), net::proxy{{"proxy.localhost", proxy.port}, {}});
    const auto attempt = through->dial({"api.test", 443}, async::executor(on), who);
    const auto give_up = std::chrono::steady_clock::now() + 20s;
    while (!who->asks_proxy && std::chrono::steady_clock::now() < give_up) context.run_one_for(10ms);
    CHECK(who->asks_proxy);
    CHECK(resolver::take_asked().empty());
    attempt->discard();
}
