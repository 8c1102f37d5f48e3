#include "tls/caller.hpp"
#include "tls/matrix.hpp"
#include "tls/servers/recording_proxy.hpp"

#include <chrono>
#include <vector>

// The API reached through a proxy: what the proxy gets to see, and what comes of what it answers.

namespace doks::test {

namespace {

const std::string password = "p@ss:w/rd-canary";
const std::string escaped_user = "us%65r:p%40ss%3aw%2Frd-canary";
const std::string in_basic = "dXNlcjpwQHNzOncvcmQtY2FuYXJ5";
const std::string established = "HTTP/1.1 200 Connection established\r\n\r\n";

/// How many cells were tried, and how many differed.
struct tally
{
    unsigned cells = 0, mismatches = 0, authorizations = 0, token_bytes = 0, passwords_shown = 0;
};

/// A server, a proxy before it and a client that knows of both.
struct tunnelled
{
    client_config config() const
    {
        auto made = trusting(usual_root().pem(), server.url());
        made.proxy.url = "http://" + escaped_user + "@" + proxy.authority();
        made.attempts = 1;
        return made;
    }
    std::string expected_head() const
    {
        const auto to = "127.0.0.1:" + std::to_string(server.port());
        return "CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\nProxy-Authorization: Basic " + in_basic + "\r\n\r\n";
    }
    /// Ends the record of what the proxy saw.
    void audit(tally& sums)
    {
        for (const auto& each : proxy.connections()) {
            CHECK(each.head == expected_head());
            const auto all = each.head + each.rest;
            if (all.find("\r\nAuthorization:") != std::string::npos) ++sums.authorizations;
            if (all.find(canary) != std::string::npos) ++sums.token_bytes;
        }
        proxy.forget();
    }

    tls_server server{server_profile{usual_chain()}};
    recording_proxy proxy;
};

/// The proxy's password is in a text of the failure.
bool shows_password(const failure& why)
{
    for (const auto& text : {why.message(), std::string(why.what()), why.record().detail, why.record().remedy})
        if (text.find(password) != std::string::npos || text.find("canary") != std::string::npos ||
            text.find(in_basic) != std::string::npos)
            return true;
    return false;
}

void finish(const char* what, const tally& sums)
{
    CHECK(sums.mismatches == 0);
    CHECK(sums.authorizations == 0);
    CHECK(sums.token_bytes == 0);
    CHECK(sums.passwords_shown == 0);
    MESSAGE(std::string(what) << ": " << sums.cells << " cells, mismatches " << sums.mismatches
                              << ", Authorization seen by the proxy " << sums.authorizations << ", token seen "
                              << sums.token_bytes << ", passwords in errors " << sums.passwords_shown);
}

/// A proxy's response to CONNECT, and what the client makes of it.
struct answer_cell
{
    std::string answer;
    errc expected{}; ///< none: the tunnel stands
    std::string says = {};
};

std::string status_line(unsigned status) { return "HTTP/1.1 " + std::to_string(status) + " Whatever\r\n"; }

std::vector<answer_cell> answers()
{
    std::vector<answer_cell> all;
    for (const unsigned status : {300u, 302u, 304u, 400u, 401u, 403u, 404u, 405u, 407u, 426u, 429u, 500u, 501u, 505u})
        all.push_back({status_line(status) + "Content-Length: 0\r\nLocation: https://evil.test/\r\n\r\n",
            errc::proxy_refused, " refused CONNECT: " + std::to_string(status)});
    for (const unsigned status : {502u, 503u, 504u})
        all.push_back({status_line(status) + "Content-Length: 4\r\n\r\nbusy", errc::proxy_unavailable,
            " refused CONNECT: " + std::to_string(status)});
    const auto ok = status_line(200);
    for (const std::string& accepted : {established, std::string("HTTP/1.0 200 OK\r\n\r\n"),
             ok + "Content-Length: 0\r\n\r\n", ok + "Content-Length: 5\r\n\r\n",
             ok + "Transfer-Encoding: chunked\r\n\r\n", ok + "Connection: close\r\n\r\n", status_line(204) + "\r\n",
             status_line(299) + "\r\n", status_line(100) + "\r\n" + established,
             status_line(103) + "Link: </x>\r\n\r\n" + ok + "Content-Length: 5\r\n\r\n",
             status_line(100) + "\r\n" + status_line(102) + "\r\n" + established})
        all.push_back({accepted});
    const std::string broken = ": its response to CONNECT is not well-formed HTTP";
    std::string flood;
    for (int i = 0; i < 1000; ++i) flood += status_line(100) + "\r\n";
    for (const std::string& garbled : {std::string("garbage\r\n\r\n"), std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
             std::string("\0\0\x12\x04\0\0\0\0\0", 9), std::string("HTTP/2 200\r\n\r\n"),
             std::string("HTTP/1.1 2000 OK\r\n\r\n"), std::string("HTTP/1.1 20 OK\r\n\r\n"),
             std::string("SSH-2.0-x\r\n"), ok + "No colon\r\n\r\n",
             ok + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", ok + "A: b\r\n c: d\r\x01\r\n\r\n",
             status_line(101) + "Upgrade: x\r\n\r\n", flood + established,
             ok + "X: " + std::string(40'000, 'x') + "\r\n\r\n", ok + std::string(40'000, 'y')})
        all.push_back({garbled, errc::proxy_refused, broken});
    all.push_back({std::string("HTTP/1.1 200 OK\r\n\r"), errc::proxy_unavailable, ": it closed the connection"});
    const std::string smuggled = ": bytes follow its response to CONNECT";
    for (const std::string& extra : {std::string("x"), std::string("hello"),
             std::string("\x15\x03\x03\0\x02\x02\x28", 7), server_hello(0x0303, 0xc02b),
             std::string("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), std::string("\r\n")})
        all.push_back({established + extra, errc::proxy_refused, smuggled});
    return all;
}

}

TEST_CASE("through a proxy a call works, and the proxy sees nothing but where to and its own credentials")
{
    tunnelled home;
    tally sums;
    const auto run = [&](const std::string& user, const std::string& line) {
        ++sums.cells;
        auto config = home.config();
        config.proxy.url = "http://" + user + home.proxy.authority();
        caller one(config);
        CHECK(one.call().has_value());
        CHECK(one.call().has_value());
        const auto seen = home.proxy.connections();
        REQUIRE(seen.size() == 1);
        const auto to = "127.0.0.1:" + std::to_string(home.server.port());
        CHECK(seen[0].head == "CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\n" + line + "\r\n");
        CHECK(seen[0].rest.find("Authorization") == std::string::npos);
        CHECK(seen[0].rest.find(canary) == std::string::npos);
        home.proxy.forget();
    };
    run("", "");
    run("user:password@", "Proxy-Authorization: Basic dXNlcjpwYXNzd29yZA==\r\n");
    run(escaped_user + "@", "Proxy-Authorization: Basic " + in_basic + "\r\n");
    run("user@", "Proxy-Authorization: Basic dXNlcjo=\r\n");
    run("user:@", "Proxy-Authorization: Basic dXNlcjo=\r\n");
    run(":password@", "Proxy-Authorization: Basic OnBhc3N3b3Jk\r\n");
    run("a%0d%0ab:c@", "Proxy-Authorization: Basic YQ0KYjpj\r\n");
    run("u:p%25%ff@", "Proxy-Authorization: Basic dTpwJf8=\r\n");
    finish("requests to the proxy, byte by byte", sums);
}

TEST_CASE("each response to CONNECT is a tunnel, or an error that names the proxy and never its password")
{
    tunnelled home;
    tally sums;
    for (const auto& cell : answers()) {
        CAPTURE(cell.answer.substr(0, 60));
        home.proxy.become({cell.answer, cell.expected == errc(), cell.expected == errc(), 0ms});
        caller one(home.config());
        const auto got = one.call();
        ++sums.cells;
        const bool fits = got ? cell.expected == errc() : got.error() == cell.expected;
        INFO((got ? "" : got.error().message()));
        CHECK(fits);
        sums.mismatches += fits ? 0 : 1;
        if (!got) {
            CHECK(got.error().phase() == "proxy");
            CHECK(got.error() == condition::unreachable);
            CHECK(got.error().message().find("proxy " + home.proxy.authority() + cell.says) != std::string::npos);
            sums.passwords_shown += shows_password(got.error()) ? 1 : 0;
        }
        home.audit(sums);
    }
    finish("answers to CONNECT", sums);
}

TEST_CASE("a proxy that closes after each byte of its response is unavailable, and never taken for a tunnel")
{
    tunnelled home;
    tally sums;
    for (std::size_t cut = 0; cut <= established.size(); ++cut) {
        CAPTURE(cut);
        home.proxy.become({established.substr(0, cut), false, false, 0ms});
        caller one(home.config());
        const auto got = one.call();
        ++sums.cells;
        REQUIRE(!got);
        const bool whole = cut == established.size();
        const bool fits = got.error() == (whole ? errc::closed_before_response : errc::proxy_unavailable) &&
                          got.error().phase() == (whole ? "tls" : "proxy");
        CHECK(fits);
        sums.mismatches += fits ? 0 : 1;
        home.audit(sums);
    }
    finish("closed after each byte", sums);
}

TEST_CASE("a refusal of the proxy's is final, an overload is tried again")
{
    tunnelled home;
    const auto connections_at = [&](unsigned status) {
        home.proxy.become({status_line(status) + "Content-Length: 0\r\n\r\n", false, false, 0ms});
        auto config = home.config();
        config.attempts = 2;
        caller one(config);
        const auto got = one.call();
        REQUIRE(!got);
        CHECK(got.error().why_stopped() == (status == 407 ? stop_reason::permanent : stop_reason::exhausted));
        const auto count = home.proxy.connections().size();
        home.proxy.forget();
        return count;
    };
    CHECK(connections_at(407) == 1);
    CHECK(connections_at(503) == 2);
}

TEST_CASE("CONNECT has a bound of its own, whether proxy or server is slow")
{
    tunnelled home;
    auto config = home.config();
    config.timeouts.proxy = 150ms;
    for (const auto& how : {proxy_script{"", false, true, 0ms}, proxy_script{status_line(100), false, true, 0ms},
             proxy_script{established, false, false, 30ms}}) {
        home.proxy.become(how);
        caller one(config);
        const auto begin = std::chrono::steady_clock::now();
        const auto got = one.call();
        const auto took = std::chrono::steady_clock::now() - begin;
        REQUIRE(!got);
        CHECK(got.error() == errc::timed_out);
        CHECK(got.error().phase() == "proxy");
        CHECK(took >= 150ms);
        CHECK(took < 1s);
        home.proxy.forget();
    }
    home.proxy.become({established, true, false, 2ms});
    caller one(config);
    CHECK(one.call().has_value());
}

TEST_CASE("a proxy without a listener is named, without its password")
{
    auto gone = std::make_unique<recording_proxy>();
    const auto authority = gone->authority();
    gone.reset();
    auto config = trusting(usual_root().pem(), "https://127.0.0.1:9");
    config.proxy.url = "http://" + escaped_user + "@" + authority;
    config.attempts = 1;
    caller one(config);
    const auto got = one.call();
    REQUIRE(!got);
    CHECK(got.error() == condition::unreachable);
    CHECK(got.error().phase() == "connect");
    CHECK(got.error().message().find("proxy " + authority) != std::string::npos);
    CHECK_FALSE(shows_password(got.error()));
}

}
