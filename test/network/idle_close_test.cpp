#include "network/load.hpp"
#include "network/servers/tls_server.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <variant>

// Connections that a real TLS server ends in the moment in which requests begin on them.

using namespace std::chrono_literals;
using namespace doks;
using namespace doks::test;

namespace {

constexpr std::size_t connections = 64;

/// What the requests of a sweep cost, added up.
struct sums
{
    std::size_t requests = 0, failed = 0, paid = 0, resends = 0, most_resends = 0, used_again = 0, miscounted = 0;
};

/// Which connections a resend went out on: never one that had carried a request.
struct resend_watch
{
    void operator()(const event& what)
    {
        if (const auto* again = std::get_if<retry_scheduled>(&what); again && again->resend)
            resending[again->call] = true;
        const auto* sent = std::get_if<request_sent>(&what);
        if (!sent) return;
        const bool is_first = ++uses[sent->connection] == 1;
        if (resending.erase(sent->call) != 0 && !is_first) ++used_again;
    }
    std::map<std::uint64_t, bool> resending;
    std::map<std::uint64_t, std::size_t> uses;
    std::size_t used_again = 0;
};

/// Opens all connections, and has each carry a request if `used`.
void warm(const client& which, boost::asio::io_context& context, bool used)
{
    load first(which, connections);
    if (used) first.run(context, connections * 4);
    std::size_t ready = 0;
    which.warm_up(connections, [&](std::size_t count) { ready = count; });
    context.restart();
    context.run();
    REQUIRE(ready == connections);
}

/// All connections idle; at `offset` from the start of the requests the server ends them.
void race(tls_server::ending how, std::chrono::microseconds offset, bool used, std::size_t requests, sums& into)
{
    tls_server server;
    boost::asio::io_context context;
    auto config = server.config();
    const auto watch = std::make_shared<resend_watch>();
    config.observer = [watch](const event& what) { (*watch)(what); };
    const client client(context.get_executor(), config);
    warm(client, context, used);
    REQUIRE(client.connections().idle == connections);

    load calls(client, requests);
    const auto start = std::chrono::steady_clock::now() + 8ms;
    std::thread ender([&] {
        std::this_thread::sleep_until(start + offset);
        server.end_all(how);
    });
    std::this_thread::sleep_until(start);
    calls.run(context, requests);
    ender.join();
    into.requests += calls.ended;
    into.failed += calls.failed + calls.cross_wired;
    into.paid += calls.paid;
    into.resends += calls.resends;
    into.most_resends = (std::max)(into.most_resends, calls.most_resends);
    into.used_again += watch->used_again;
    into.miscounted += calls.miscounted();
}

/// Ends the connections from 5 ms before to 5 ms after the requests begin.
void sweep(tls_server::ending how, const std::string& name, bool used)
{
    sums all;
    const std::size_t requests = sized(400, 10'000);
    for (int offset = -5; offset <= 5; ++offset) race(how, offset * 1ms, used, requests, all);
    const std::string kind = name + (used ? "" : ", never used");
    MESSAGE(kind, ": ", all.requests, " requests, ", all.failed, " failed, ", all.paid, " attempts paid, ", all.resends,
        " resends");
    CHECK(all.failed == 0);
    CHECK(all.paid == 0);
    CHECK(all.most_resends <= 1);
    CHECK(all.used_again == 0);
    CHECK(all.miscounted == 0);
    CHECK(all.resends > 0);
}

}

TEST_CASE("all idle connections end as the requests begin: no request fails, none pays an attempt")
{
    sweep(tls_server::ending::goodbye, "close_notify and FIN", true);
    sweep(tls_server::ending::finish, "FIN", true);
    sweep(tls_server::ending::reset, "RST", true);
}

TEST_CASE("connections that were warmed up and never used may end as well")
{
    sweep(tls_server::ending::finish, "FIN", false);
    sweep(tls_server::ending::reset, "RST", false);
}

TEST_CASE("tickets and key updates that wait on idle connections do not cost them")
{
    tls_server server;
    boost::asio::io_context context;
    const client client(context.get_executor(), server.config());
    warm(client, context, true);
    load calls(client, connections);
    for (std::size_t round = sized(50, 500); round != 0; --round) {
        server.fidget();
        if (round % 5 == 0) server.fidget();
        calls.run(context, connections);
    }
    const auto seen = client.connections();
    const double reused = 1 - static_cast<double>(seen.opened - connections) / static_cast<double>(calls.ended);
    MESSAGE(calls.text(), "; ", seen.opened, " connections opened, reused: ", reused * 100, " %");
    CHECK(calls.failed == 0);
    CHECK(reused >= 0.99);
}
