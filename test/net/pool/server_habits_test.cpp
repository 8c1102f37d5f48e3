#include "net/call_fixture.hpp"

#include <doctest/doctest.h>

#include <string>

// Servers that close connections by their own rules, scripted in memory: what each rule costs.

using namespace doks;
using namespace doks::test;

namespace {

constexpr unsigned requests = 1'000;

/// What a thousand requests cost.
struct figures
{
    unsigned failed = 0, paid = 0, resends = 0, connections = 0;
};

/// One request after the other, with `between` after each.
template <class Between> figures ask_in_turn(scripted_network::script meets, Between between)
{
    virtual_world world(std::move(meets));
    auto config = world.config();
    config.rate_limit.clear();
    const auto client = world.client(config);
    figures seen;
    for (unsigned i = 0; i < requests; ++i) {
        const auto call = fetch(world, client);
        if (!call.outcome->has_value()) {
            ++seen.failed;
            continue;
        }
        seen.paid += (*call.outcome)->info().attempts - 1;
        seen.resends += (*call.outcome)->info().resends;
        between(world);
    }
    seen.connections = world.network->dials();
    return seen;
}

figures ask_in_turn(scripted_network::script meets)
{
    return ask_in_turn(std::move(meets), [](virtual_world&) {});
}

void check(const std::string& what, const figures& seen, unsigned connections)
{
    MESSAGE(what, ": ", requests, " requests, ", seen.failed, " failed, ", seen.paid, " attempts paid, ", seen.resends,
        " resends, ", seen.connections, " connections");
    CHECK(seen.failed == 0);
    CHECK(seen.paid == 0);
    CHECK(seen.connections == connections);
}

std::string body_of(const seen_request& seen) { return kubeconfig_text(id_in(seen.target())); }

}

TEST_CASE("a server that closes by announcement costs the connections that it closes, and no more")
{
    for (const unsigned k : {1U, 2U, 7U, 100U}) {
        const auto seen = ask_in_turn([k](const seen_request& each) {
            if (each.ordinal % k != 0) return own_kubeconfig(each);
            return scripted_answer{http_answer(200, body_of(each), "Connection: close\r\n"), {}, true};
        });
        check("Connection: close on each " + std::to_string(k) + ".", seen, (requests + k - 1) / k);
        CHECK(seen.resends == 0);
    }
}

TEST_CASE("a server of HTTP/1.0 costs a connection for each request, unless it keeps them alive")
{
    const auto seen = ask_in_turn([](const seen_request& each) {
        const auto body = body_of(each);
        return scripted_answer{
            "HTTP/1.0 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body, {}, true};
    });
    check("HTTP/1.0", seen, requests);
    CHECK(seen.resends == 0);

    const auto by_end = ask_in_turn([](const seen_request& each) {
        return scripted_answer{"HTTP/1.0 200 OK\r\n\r\n" + body_of(each), {}, true};
    });
    check("HTTP/1.0 whose responses end with the connection", by_end, requests);
    CHECK(by_end.resends == 0);
}

TEST_CASE("a server that says 408 to what idles, or closes behind every response unannounced, costs a resend at most")
{
    const auto timed_out = ask_in_turn(own_kubeconfig, [](virtual_world& world) {
        world.network->send_unasked("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        world.network->close_all();
    });
    check("408 while idle", timed_out, requests);
    CHECK(timed_out.resends == requests - 1);

    const auto once = ask_in_turn([](const seen_request& each) {
        auto made = own_kubeconfig(each);
        made.close = true;
        return made;
    });
    check("one request for each connection, unannounced", once, requests);
    CHECK(once.resends <= requests - 1);
}
