#include "tls/caller.hpp"
#include "tls/matrix.hpp"

// What the client says in its ClientHello, by the server's own record.

namespace doks::test {

namespace {

const std::string http_1_1 = "\x08http/1.1";

std::vector<certified> chain_for_all_names()
{
    return usual_chain(server_order(
        {dns("api.test"), dns("xn--bcher-kva.test"), dns("localhost"), address("127.0.0.1"), address("::1")}));
}

}

TEST_CASE("a server learns the name that is asked of it, and no address")
{
    tls_server server({chain_for_all_names()});
    const struct
    {
        const char *name, *sni;
    } cells[] = {{"api.test", "api.test"}, {"api.test.", "api.test"}, {"API.test", "API.test"},
        {"xn--bcher-kva.test", "xn--bcher-kva.test"}, {"localhost", "localhost"}, {"", ""}, {"127.0.0.1", ""},
        {"::1", ""}};
    for (const auto& [name, sni] : cells) {
        CAPTURE(std::string(name));
        server.forget();
        caller one(trusting(usual_root().pem(), server.url(), name));
        const auto got = one.call();
        CHECK(got.has_value());
        REQUIRE(server.seen().size() == 1);
        CHECK(server.seen()[0].sni == sni);
        CHECK(server.seen()[0].alpn == http_1_1);
        CHECK_FALSE(server.seen()[0].early_data);
    }
    auto by_name = trusting(usual_root().pem(), "https://localhost:" + std::to_string(server.port()), "");
    server.forget();
    caller one(by_name);
    CHECK(one.call().has_value());
    REQUIRE(server.seen().size() == 1);
    CHECK(server.seen()[0].sni == "localhost");
    MESSAGE(
        (std::size(cells) + 1) << " hosts: SNI for names only, without a dot behind; ALPN http/1.1 and nothing else");
}

TEST_CASE("a server that answers with another protocol than HTTP/1.1 is refused, one that has no opinion is not")
{
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        CAPTURE(version);
        for (const std::string chosen : {"h2", "http/1.0", "http/1.1x", "spdy/3", "http/1.1", ""}) {
            CAPTURE(chosen);
            server_profile how{chain_for_all_names()};
            how.oldest = how.newest = version;
            how.alpn = chosen;
            tls_server server(how);
            caller one(trusting(usual_root().pem(), server.url()));
            const auto got = one.call();
            one.close();
            server.close_all();
            const bool fits = chosen.empty() || chosen == "http/1.1";
            REQUIRE(got.has_value() == fits);
            REQUIRE(server.seen().size() == 1);
            if (fits) continue;
            CHECK(got.error() == condition::tls);
            CHECK(got.error().phase() == "tls");
            CHECK(got.error().why_stopped() == stop_reason::permanent);
            INFO(got.error().message());
            CHECK(got.error().message().find("protocol") != std::string::npos);
            CHECK(server.seen()[0].plain.empty());
        }
    }
}

}
