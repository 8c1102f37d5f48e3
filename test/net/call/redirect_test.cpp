#include "net/planned_world.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <doctest/doctest.h>

// E5: redirects are never followed.

using namespace doks;
using namespace doks::test;

namespace {

/// Carries a client's dials to the scripted host, and counts those that would go elsewhere.
class counting_dialer final : public net::dialer
{
public:
    explicit counting_dialer(std::shared_ptr<net::dialer> below)
        : below_(std::move(below))
    {}
    std::shared_ptr<net::dialling> dial(
        const net::endpoint& where, async::executor on, std::shared_ptr<net::dial_listener> who) override
    {
        foreign += where.host != "api.test" || where.port != 443;
        return below_->dial(where, on, std::move(who));
    }
    unsigned foreign = 0;

private:
    std::shared_ptr<net::dialer> below_;
};

}

TEST_CASE("a redirect is an error, wherever it leads, and only the API receives the request")
{
    boost::asio::io_context listening;
    boost::asio::ip::tcp::acceptor foreign(listening, {boost::asio::ip::make_address("127.0.0.1"), 0});
    foreign.non_blocking(true);
    const auto port = std::to_string(foreign.local_endpoint().port());
    const std::string places[] = {"https://evil.test/", "http://api.test/v2/x", "https://api.test:8443/v2/x",
        "http://127.0.0.1:" + port + "/", "https://127.0.0.1:" + port + "/", "//127.0.0.1:" + port + "/", "/v2/account",
        "../../account", "https://api.test@127.0.0.1:" + port + "/", "https://api.test/v2/x", "file:///etc/passwd",
        "javascript:alert(1)", "", "https://api.test.evil.test/"};
    planned_world bench;
    const auto dialer = std::make_shared<counting_dialer>(bench.world.network);
    const auto client = client_access::make(
        bench.world.context.get_executor(), bench.config(), net::io_backends{bench.world.time, dialer});
    unsigned cases = 0;
    for (const unsigned status : {300U, 301U, 302U, 303U, 305U, 307U, 308U, 399U})
        for (const auto& place : places)
            for (const std::string more :
                {"", "Refresh: 0;url=https://evil.test/\r\n", "Location: https://evil.test/\r\n"}) {
                CAPTURE(status);
                CAPTURE(place);
                const auto id = bench.next_id();
                const auto before = bench.world.network->requests().size();
                bench.plans[id] = {http_answer(status, "{}", "Location: " + place + "\r\n" + more)};
                const auto call = bench.fetch(client, id);
                CHECK(call.why() == errc::redirected);
                CHECK(call.why().why_stopped() == stop_reason::permanent);
                CHECK(bench.world.network->requests().size() == before + 1);
                ++cases;
            }
    boost::system::error_code no_connection;
    foreign.accept(no_connection);
    MESSAGE(cases, " redirects, dials elsewhere ", dialer->foreign, ", requests of a foreign listener ",
        no_connection ? 0 : 1);
    CHECK(no_connection == boost::asio::error::would_block);
    CHECK(dialer->foreign == 0);
    CHECK(bench.world.network->dials() == 1);
}

TEST_CASE("a client that was redirected serves its next request from the API as before")
{
    planned_world bench;
    const auto client = bench.world.client(bench.config());
    for (int i = 0; i < 10; ++i) {
        const auto id = bench.next_id(), next = bench.next_id();
        bench.plans[id] = {http_answer(301, "", "Location: https://evil.test/\r\n")};
        CHECK(bench.fetch(client, id).why() == errc::redirected);
        CHECK(bench.is_own(bench.fetch(client, next), next));
    }
    CHECK(bench.world.network->dials() == 1);
}
