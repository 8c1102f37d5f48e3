#include "tls/caller.hpp"
#include "tls/matrix.hpp"

#include "net/tls/session_cache.hpp"

#include <memory>
#include <set>
#include <string>

// Sessions: resumed where they may be, by no other client, and never in place of a verification that is due.

namespace doks::test {

namespace {

unsigned resumed_by(const tls_server& server)
{
    unsigned count = 0;
    for (const auto& each : server.seen()) count += each.resumed ? 1 : 0;
    return count;
}

/// Calls, each on a connection of its own.
void call_anew(caller& one, tls_server& server, int times)
{
    for (int i = 0; i < times; ++i) {
        const auto got = one.call();
        INFO((got ? "" : got.error().message()));
        REQUIRE(got.has_value());
        server.close_all();
    }
}

net::session_cache::session made_at(core::instant when)
{
    return {std::shared_ptr<SSL_SESSION>(SSL_SESSION_new(), &SSL_SESSION_free), when};
}

}

TEST_CASE("a new connection resumes an earlier session over sockets too, in both versions, with tickets and without")
{
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION})
        for (const bool stateless : {true, false}) {
            CAPTURE(version);
            CAPTURE(stateless);
            auto how = speaking(version);
            if (!stateless) how.options |= SSL_OP_NO_TICKET;
            tls_server server(how);
            caller one(trusting(usual_root().pem(), server.url()));
            call_anew(one, server, 8);
            CHECK(resumed_by(server) == 7);
            CHECK(one.connections().resumed == 7);
        }
}

TEST_CASE("a server that lost its ticket keys gets a full handshake, and no call notices")
{
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CAPTURE(version);
        tls_server server(speaking(version));
        caller one(trusting(usual_root().pem(), server.url()));
        call_anew(one, server, 3);
        server.forget();
        server.become(speaking(version));
        call_anew(one, server, 3);
        const auto seen = server.seen();
        REQUIRE(seen.size() == 3);
        CHECK_FALSE(seen[0].resumed);
        CHECK(seen[2].resumed);
        CHECK(one.connections().failed == 0);
    }
}

TEST_CASE("no session crosses from one client to another, whatever the two trust")
{
    unsigned crossed = 0, pairs = 0;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        tls_server server(speaking(version));
        const auto config = trusting(usual_root().pem(), server.url());
        caller first(config);
        call_anew(first, server, 2);
        server.forget();
        auto switched_off = config;
        switched_off.tls.resume_sessions = false;
        auto both_roots = config;
        both_roots.tls.ca_pem += issue(authority_order("another")).pem();
        for (const auto& how : {config, switched_off, both_roots}) {
            caller other(how);
            REQUIRE(other.call().has_value());
            server.close_all();
            ++pairs;
        }
        auto stranger = config;
        stranger.tls.ca_pem = issue(authority_order("another")).pem();
        caller distrusting(stranger);
        const auto got = distrusting.call();
        CHECK((!got && got.error() == errc::certificate_rejected));
        ++pairs;
        crossed += resumed_by(server);
        caller off(switched_off);
        call_anew(off, server, 3);
        CHECK(off.connections().resumed == 0);
    }
    CHECK(crossed == 0);
    MESSAGE(pairs << " pairs of clients, sessions resumed across them " << crossed);
}

TEST_CASE("a server whose certificate is exchanged for a bad one is refused with its next full handshake")
{
    const auto stranger = issue(authority_order("stranger"));
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CAPTURE(version);
        tls_server server(speaking(version));
        caller one(trusting(usual_root().pem(), server.url()));
        call_anew(one, server, 2);
        server.forget();
        server.become(speaking(version, {issue(server_order({dns("api.test")}), &stranger)}));
        const auto got = one.call();
        REQUIRE(!got);
        CHECK(got.error() == errc::certificate_rejected);
        server.close_all();
        for (const auto& each : server.seen()) CHECK(each.plain.empty());
    }
}

TEST_CASE("an unverified certificate leaves no session behind")
{
    tls_server server(speaking(TLS1_3_VERSION));
    auto how = trusting(usual_root().pem(), server.url(), "other.test");
    caller one(how);
    for (int i = 0; i < 3; ++i) {
        const auto got = one.call();
        CHECK((!got && got.error() == errc::certificate_rejected));
        server.close_all();
    }
    CHECK(resumed_by(server) == 0);
}

TEST_CASE("a session is given out once, the newest first, and never a connection's life after it was verified")
{
    const core::instant begin{std::chrono::hours(1000)};
    net::session_cache kept(3, 1h);
    for (int i = 0; i < 5; ++i) kept.put(made_at(begin + i * 10min));
    std::set<SSL_SESSION*> given;
    const auto newest = kept.take(begin + 45min);
    REQUIRE(newest);
    CHECK(newest->verified_at == begin + 40min);
    given.insert(newest->ticket.get());
    const auto next = kept.take(begin + 89min);
    REQUIRE(next);
    CHECK(next->verified_at == begin + 30min);
    CHECK(given.insert(next->ticket.get()).second);
    CHECK_FALSE(kept.take(begin + 90min));
    kept.put(made_at(begin));
    CHECK_FALSE(kept.take(begin + 1h));
}

}
