#include "net/call_fixture.hpp"

#include <doctest/doctest.h>

// One connection under one client: reuse, closing, stray bytes. The server is scripted in memory, in virtual time.

using namespace std::chrono_literals;
using namespace doks;
using namespace doks::test;

TEST_CASE("a request is written once, with its token, and the bytes come back as they were sent")
{
    virtual_world world(own_kubeconfig);
    const auto client = world.client(world.config());
    const auto call = fetch(world, client, an_id, {.expiry = 15min});

    REQUIRE(call.outcome->has_value());
    CHECK((*call.outcome)->bytes() == kubeconfig_text(an_id));
    REQUIRE(world.network->requests().size() == 1);
    const auto& head = world.network->requests().front().head;
    CHECK(head.find(
              "GET /v2/kubernetes/clusters/" + an_id + "/kubeconfig?expiry_seconds=900&type=token HTTP/1.1\r\n") == 0);
    CHECK(head.find("\r\nHost: api.test\r\n") != std::string::npos);
    CHECK(head.find("\r\nAuthorization: Bearer a-token-of-the-test\r\n") != std::string::npos);
    CHECK(head.find("\r\nAccept-Encoding: identity\r\n") != std::string::npos);
}

TEST_CASE("one connection serves one call after the other")
{
    virtual_world world(own_kubeconfig);
    const auto client = world.client(world.config());
    for (int i = 0; i < 20; ++i) {
        const auto call = fetch(world, client);
        REQUIRE(call.outcome->has_value());
    }
    CHECK(world.network->dials() == 1);
}

TEST_CASE("a connection that the server closed while it idled costs neither an attempt nor an error")
{
    for (const bool orderly : {true, false}) {
        virtual_world world(own_kubeconfig);
        const auto client = world.client(world.config());
        const auto first = fetch(world, client);
        world.network->close_all(orderly);
        const auto second = fetch(world, client);
        REQUIRE(second.outcome->has_value());
        CHECK((*second.outcome)->info().attempts == 1);
        CHECK(world.network->dials() == 2);
        CHECK(world.network->requests().size() == 2);
    }
}

TEST_CASE("a connection that was closed while it idled costs no attempt either if it had not been used yet")
{
    for (const bool orderly : {true, false}) {
        virtual_world world(own_kubeconfig);
        const auto client = world.client(world.config());
        client.warm_up(1, [](std::size_t) {});
        world.run();
        REQUIRE(client.connections().idle == 1);
        world.network->close_all(orderly);
        const auto call = fetch(world, client);
        REQUIRE(call.outcome->has_value());
        CHECK((*call.outcome)->info().attempts == 1);
        CHECK((*call.outcome)->info().resends == 1);
        CHECK(world.network->dials() == 2);
    }
}

TEST_CASE("a connection that breaks under a request it had not answered is replaced once, without an attempt")
{
    virtual_world world([](const seen_request& seen) {
        if (seen.connection == 1 && seen.ordinal == 2) return scripted_answer{{}, {}, true};
        return own_kubeconfig(seen);
    });
    const auto client = world.client(world.config());
    one_call first, second;
    first.start(client);
    world.run([&] { return first.done(); });
    second.start(client);
    world.run([&] { return second.done(); });
    REQUIRE(second.outcome->has_value());
    CHECK((*second.outcome)->info().attempts == 1);
    CHECK((*second.outcome)->info().resends == 1);
}

TEST_CASE("a server that closes every connection before its response is asked once for each attempt, and once more")
{
    virtual_world world([](const seen_request&) { return scripted_answer{{}, {}, true}; });
    const auto client = world.client(world.config());
    const auto call = fetch(world, client);
    CHECK(call.why() == errc::closed_before_response);
    CHECK(call.why().why_stopped() == stop_reason::exhausted);
    CHECK(call.why().attempts() == 5);
    CHECK(world.network->requests().size() == 5);
}

TEST_CASE("bytes behind a response, or unasked for, are never taken for the next one")
{
    const std::string stray = http_answer(200, kubeconfig_text("99999999-2222-4333-8444-555555555555"));
    SUBCASE("glued to the response")
    {
        virtual_world world([&](const seen_request& seen) {
            auto own = own_kubeconfig(seen);
            if (seen.connection == 1) own.bytes += stray;
            return own;
        });
        const auto client = world.client(world.config());
        for (int i = 0; i < 2; ++i) {
            const auto call = fetch(world, client);
            REQUIRE(call.outcome->has_value());
            CHECK((*call.outcome)->bytes() == kubeconfig_text(an_id));
        }
        CHECK(world.network->dials() == 2);
    }
    SUBCASE("while the connection idles")
    {
        virtual_world world(own_kubeconfig);
        const auto client = world.client(world.config());
        for (int i = 0; i < 2; ++i) {
            const auto call = fetch(world, client);
            REQUIRE(call.outcome->has_value());
            CHECK((*call.outcome)->bytes() == kubeconfig_text(an_id));
            world.network->send_unasked(stray);
        }
        CHECK(world.network->dials() == 2);
    }
}

TEST_CASE("a kubeconfig of another cluster is never delivered")
{
    const std::string other = "99999999-2222-4333-8444-555555555555";
    virtual_world world([&](const seen_request&) { return scripted_answer{http_answer(200, kubeconfig_text(other))}; });
    const auto client = world.client(world.config());
    const auto call = fetch(world, client);
    CHECK(call.why() == errc::wrong_cluster);
    CHECK(world.network->requests().size() == 1);
    CHECK(world.network->open() == 0);
}

TEST_CASE("a response that is cut at any byte is tried again and never delivered in part")
{
    const auto whole = http_answer(200, kubeconfig_text(an_id));
    std::size_t partial = 0;
    for (std::size_t cut = 1; cut < whole.size(); cut += 7) {
        virtual_world world([&](const seen_request& seen) {
            if (seen.connection > 1) return own_kubeconfig(seen);
            return scripted_answer{whole.substr(0, cut), {}, cut % 2 == 0, cut % 2 != 0};
        });
        const auto client = world.client(world.config());
        const auto call = fetch(world, client);
        REQUIRE(call.outcome->has_value());
        if ((*call.outcome)->bytes() != kubeconfig_text(an_id)) ++partial;
        CHECK((*call.outcome)->info().attempts == 2);
    }
    CHECK(partial == 0);
}

TEST_CASE("a connection that idled too long, or while the machine slept, is not used again")
{
    virtual_world world(own_kubeconfig);
    const auto client = world.client(world.config());
    REQUIRE(fetch(world, client).outcome->has_value());
    world.run_for(51s);
    REQUIRE(fetch(world, client).outcome->has_value());
    CHECK(world.network->dials() == 2);
    world.time->sleep(2h);
    REQUIRE(fetch(world, client).outcome->has_value());
    CHECK(world.network->dials() == 3);
}

TEST_CASE("an idle client holds no work: run returns")
{
    virtual_world world(own_kubeconfig);
    const auto client = world.client(world.config());
    one_call call;
    call.start(client);
    world.run();
    CHECK(call.done());
    CHECK(world.network->open() == 1);
}
