#include "tls/name_vectors.hpp"

#include "net/tls/tls_context.hpp"
#include "net/tls/tls_error.hpp"
#include "net/tls/tls_session_data.hpp"

#include <doks/client.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

// Which names a certificate is taken for: by us, by RFC 9525, and by Boost.Asio's own verification.

namespace doks::test {

namespace {

/// Both ends in memory until one has a verdict: does the client accept?
bool accepts(SSL* client, const std::vector<certified>& chain)
{
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    SSL_CTX_set_security_level(context.get(), 0);
    SSL_CTX_use_certificate(context.get(), chain[0].certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), chain[0].key.get());
    for (std::size_t i = 1; i < chain.size(); ++i) SSL_CTX_add1_chain_cert(context.get(), chain[i].certificate.get());
    const std::unique_ptr<SSL, decltype(&SSL_free)> server(SSL_new(context.get()), &SSL_free);
    BIO *ours = nullptr, *theirs = nullptr;
    BIO_new_bio_pair(&ours, 1 << 17, &theirs, 1 << 17);
    SSL_set_bio(client, ours, ours);
    SSL_set_bio(server.get(), theirs, theirs);
    SSL_set_accept_state(server.get());
    for (int turn = 0; turn < 6; ++turn) {
        const int got = SSL_do_handshake(client);
        if (got == 1) return true;
        if (SSL_get_error(client, got) != SSL_ERROR_WANT_READ) return false;
        SSL_do_handshake(server.get());
    }
    return false;
}

/// The vector's certificate, below an authority with name constraints where it has some.
std::vector<certified> chain_of(const name_vector& one, const certified& root)
{
    if (one.constraints.empty()) return {issue(one.leaf, &root)};
    auto narrow = authority_order("constrained");
    narrow.constraints = one.constraints;
    const auto middle = issue(narrow, &root);
    return {issue(one.leaf, &middle), middle};
}

/// The library's, by a handshake in memory.
bool our_verdict(const name_vector& one, const std::vector<certified>& chain, const std::string& roots)
{
    tls_settings how;
    how.ca_pem = roots;
    try {
        const net::tls_context profile(how);
        const auto client = profile.make_client(one.host);
        net::tls_session_data end;
        end.name = one.host;
        SSL_set_app_data(client.get(), &end);
        return accepts(client.get(), chain);
    } catch (const failure&) {
        return false;
    }
}

thread_local std::string asio_host;

int ask_asio(int verified, X509_STORE_CTX* store)
{
    boost::asio::ssl::verify_context context(store);
    return boost::asio::ssl::host_name_verification(asio_host)(verified == 1, context);
}

/// The one of Asio's `host_name_verification`.
bool verdict_of_asio(const name_vector& one, const std::vector<certified>& chain, const certified& root)
{
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), root.certificate.get());
    asio_host = one.host;
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, &ask_asio);
    const std::unique_ptr<SSL, decltype(&SSL_free)> client(SSL_new(context.get()), &SSL_free);
    SSL_set_connect_state(client.get());
    return accepts(client.get(), chain);
}

}

TEST_CASE("a certificate is taken for the names that RFC 9525 has it stand for, and no others")
{
    const auto root = issue(authority_order("test root"));
    const auto all = every_name_vector();
    unsigned ours_wrong = 0, asio_wrong = 0;
    std::string asio_list;
    for (const auto& one : all) {
        CAPTURE(one.about);
        CAPTURE(one.host);
        const auto chain = chain_of(one, root);
        const bool ours = our_verdict(one, chain, root.pem());
        CHECK(ours == one.expected);
        ours_wrong += ours != one.expected ? 1 : 0;
        const bool theirs = verdict_of_asio(one, chain, root);
        if (theirs == one.expected) continue;
        ++asio_wrong;
        asio_list += std::string(asio_list.empty() ? "" : "; ") + one.about + (theirs ? " (accepted)" : " (refused)");
    }
    CHECK(asio_wrong >= 4);
    MESSAGE(all.size() << " name vectors, " << ours_wrong
                       << " mismatches; asio::ssl::host_name_verification: " << asio_wrong << " wrong: " << asio_list);
}

TEST_CASE("a client is not made for a name that no certificate can be verified for")
{
    boost::asio::io_context context;
    const auto field_of = [&](std::string url, std::string name) -> std::string {
        client_config how;
        how.api_url = std::move(url);
        how.tls.ca_pem = issue(authority_order("test root")).pem();
        how.tls.server_name = std::move(name);
        try {
            const client made(context.get_executor(), how);
            return "made";
        } catch (const failure& why) {
            CHECK(why == condition::invalid);
            return why.record().operation;
        }
    };
    for (const char* url : {"https://api.test", "https://api.test.", "https://127.0.0.1", "https://[::1]"})
        CHECK(field_of(url, "") == "made");
    for (const char* url : {"https://.api.test", "https://.", "https://api..test", "https://[a:b]"}) {
        CAPTURE(url);
        CHECK(field_of(url, "") == "api_url");
    }
    for (const auto& name : {std::string("."), std::string(".test"), std::string("*.test"), std::string("a\0b", 3),
             std::string("api.test\0", 9), std::string("api.test:443"), std::string("fe80::1%lo"),
             std::string(300, 'a'), std::string("api.test..")}) {
        CAPTURE(name);
        CHECK(field_of("https://127.0.0.1", name) == "tls.server_name");
    }
}

}
