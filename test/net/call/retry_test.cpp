#include "net/call_fixture.hpp"

#include <doctest/doctest.h>

#include <cstdio>

// Attempts of one call, which a server scripted in memory fails in each way: tried again, or ended, after which time.

using namespace std::chrono_literals;
using namespace doks;
using namespace doks::test;

namespace {

/// Fails the first requests with one response, then serves.
scripted_network::script failing(unsigned times, scripted_answer with)
{
    return [times, with, seen_before = std::make_shared<unsigned>(0)](
               const seen_request& seen) { return ++*seen_before <= times ? with : own_kubeconfig(seen); };
}

/// A call with one attempt times out in this phase, after this time.
void check_times_out(virtual_world& world, std::string_view phase, core::duration after)
{
    auto config = world.config();
    config.attempts = 1;
    const auto client = world.client(config);
    const auto start = world.time->steady_now();
    const auto call = fetch(world, client);
    CHECK(call.why() == condition::timeout);
    CHECK(call.why().phase() == phase);
    CHECK(world.time->steady_now() - start == after);
}

}

TEST_CASE("a 503 is tried again, not before the server's Retry-After")
{
    virtual_world world(failing(2, {http_answer(503, "{}", "Retry-After: 7\r\n")}));
    const auto client = world.client(world.config());
    const auto start = world.time->steady_now();
    const auto call = fetch(world, client);
    REQUIRE(call.outcome->has_value());
    CHECK((*call.outcome)->info().attempts == 3);
    CHECK(world.time->steady_now() - start >= 14s);
    CHECK((*call.outcome)->info().elapsed == world.time->steady_now() - start);
}

TEST_CASE("what a retry cannot mend is sent once")
{
    for (const unsigned status : {400U, 403U, 404U, 405U, 409U, 410U, 412U, 422U, 501U, 505U, 302U}) {
        CAPTURE(status);
        virtual_world world(
            failing(99, {http_answer(status, R"({"id":"x","message":"no such thing"})", "Retry-After: 1\r\n")}));
        const auto client = world.client(world.config());
        const auto call = fetch(world, client);
        REQUIRE(!call.outcome->has_value());
        CHECK(call.why().why_stopped() == stop_reason::permanent);
        CHECK(world.network->requests().size() == 1);
    }
}

TEST_CASE("answers that break HTTP's framing are refused after one send, and their connection is closed")
{
    const auto body = kubeconfig_text(an_id);
    const auto length = std::to_string(body.size());
    const std::string bad[] = {
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nContent-Length: " + length + "\r\n\r\n" + body,
        "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\nContent-Length: " + length + "\r\n\r\n" + body,
        "HTTP/1.1 200 OK\r\nContent-Length: +" + length + "\r\n\r\n" + body,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: " + length + "\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: " + length + "\r\n\r\n" + body,
        "HTTP/1.1 999 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n",
        http_answer(200, ""),
        http_answer(200, "<html><body>Welcome</body></html>"),
        http_answer(200, "kind: Pod\n"),
    };
    for (const auto& answer : bad) {
        CAPTURE(answer.substr(0, 80));
        virtual_world world(failing(99, {answer}));
        const auto client = world.client(world.config());
        const auto call = fetch(world, client);
        REQUIRE(!call.outcome->has_value());
        CHECK(call.why().why_stopped() == stop_reason::permanent);
        CHECK(world.network->requests().size() == 1);
    }
}

TEST_CASE("chunks, interim responses and a response that ends with its connection are read to their end")
{
    const auto body = kubeconfig_text(an_id);
    const auto half = body.size() / 2;
    char sizes[2][20];
    std::snprintf(sizes[0], sizeof sizes[0], "%zx", half);
    std::snprintf(sizes[1], sizeof sizes[1], "%zx", body.size() - half);
    const std::string chunked = std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n") + sizes[0] +
                                "\r\n" + body.substr(0, half) + "\r\n" + sizes[1] + ";ext=1\r\n" + body.substr(half) +
                                "\r\n0\r\n\r\n";
    const scripted_answer good[] = {
        {chunked},
        {"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + http_answer(200, body)},
        {"HTTP/1.1 200 OK\r\n\r\n" + body, {}, true},
        {"HTTP/1.0 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body},
    };
    for (const auto& answer : good) {
        virtual_world world([&](const seen_request&) { return answer; });
        const auto client = world.client(world.config());
        const auto call = fetch(world, client);
        REQUIRE(call.outcome->has_value());
        CHECK((*call.outcome)->bytes() == body);
    }
}

TEST_CASE("a certificate for another name is refused before a byte of the token is written")
{
    virtual_world world(own_kubeconfig);
    auto config = world.config();
    config.api_url = "https://other.test";
    const auto client = world.client(config);
    const auto call = fetch(world, client);
    CHECK(call.why() == errc::certificate_rejected);
    CHECK(call.why() == condition::tls);
    INFO(call.why().message());
    CHECK(call.why().message().find("certificate is for api.test, not for other.test") != std::string::npos);
    CHECK(world.network->dials() == 1);
    CHECK(world.network->requests().empty());
}

TEST_CASE("each phase is bounded, and the error names the one that used up the time")
{
    SUBCASE("connect")
    {
        virtual_world world(own_kubeconfig);
        world.network->slow_dials(1h);
        check_times_out(world, "connect", 5s);
    }
    SUBCASE("first byte")
    {
        virtual_world world(silence);
        check_times_out(world, "first byte", 10s);
    }
    SUBCASE("body")
    {
        virtual_world world(failing(99, {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nkind:"}));
        check_times_out(world, "body", 5s);
    }
    SUBCASE("the call's own deadline")
    {
        virtual_world world(failing(99, {{}, {}, false, false, true}));
        const auto client = world.client(world.config());
        const auto start = world.time->steady_now();
        const auto call = fetch(world, client, an_id, {.timeout = 3s});
        CHECK(call.why() == condition::timeout);
        CHECK(call.why().why_stopped() == stop_reason::deadline);
        CHECK(world.time->steady_now() - start == 3s);
        CHECK(call.completions == 1);
    }
}
