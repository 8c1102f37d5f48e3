#include "tls/servers/tls_server.hpp"

#include "support/virtual_world.hpp"

#include <openssl/err.h>

#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

// A TLS server whose handshake and records a test decides; see tls_server.hpp.

namespace doks::test {

/// A profile and its context, which connections share.
struct tls_server::setting
{
    server_profile how;
    std::shared_ptr<SSL_CTX> context;
};

/// A connection and the thread that serves it.
struct tls_server::served
{
    int socket = -1;
    std::shared_ptr<const setting> by;
    seen_connection seen;
    std::thread worker;
};

namespace {

/// An extension of the ClientHello behind its first bytes, which are lengths.
std::string extension(SSL* ssl, unsigned type, std::size_t behind)
{
    const unsigned char* bytes = nullptr;
    std::size_t size = 0;
    if (SSL_client_hello_get0_ext(ssl, type, &bytes, &size) != 1 || size < behind) return {};
    return {reinterpret_cast<const char*>(bytes) + behind, size - behind};
}

int note_hello(SSL* ssl, int*, void*)
{
    const unsigned char* bytes = nullptr;
    std::size_t size = 0;
    const bool early = SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_early_data, &bytes, &size) == 1;
    static_cast<tls_link*>(SSL_get_app_data(ssl))
        ->note_hello(extension(ssl, TLSEXT_TYPE_server_name, 5),
            extension(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, 2), early);
    return SSL_CLIENT_HELLO_SUCCESS;
}

int select_alpn(SSL*, const unsigned char** out, unsigned char* size, const unsigned char*, unsigned, void* profile)
{
    const auto& wanted = static_cast<const server_profile*>(profile)->alpn;
    *out = reinterpret_cast<const unsigned char*>(wanted.data());
    *size = static_cast<unsigned char>(wanted.size());
    return SSL_TLSEXT_ERR_OK;
}

void must(bool worked, const char* what)
{
    if (!worked) throw std::runtime_error(what);
}

/// Has a context behave as the profile says.
void shape(SSL_CTX* context, server_profile& how)
{
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, how.oldest);
    SSL_CTX_set_max_proto_version(context, how.newest);
    SSL_CTX_set_options(context, how.options | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
    must(SSL_CTX_set_cipher_list(context, how.ciphers.c_str()) == 1, "ciphers");
    if (!how.suites.empty()) must(SSL_CTX_set_ciphersuites(context, how.suites.c_str()) == 1, "suites");
    if (!how.groups.empty()) must(SSL_CTX_set1_groups_list(context, how.groups.c_str()) == 1, "groups");
    SSL_CTX_set_dh_auto(context, 1);
    SSL_CTX_set_num_tickets(context, static_cast<std::size_t>(how.tickets));
    SSL_CTX_set_max_early_data(context, how.early_data);
    SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("d"), 1);
    SSL_CTX_set_client_hello_cb(context, &note_hello, nullptr);
    if (!how.alpn.empty()) SSL_CTX_set_alpn_select_cb(context, &select_alpn, &how);
    if (how.wants_certificate) SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    for (std::size_t i = 0; i < how.chain.size(); ++i) {
        X509* const each = how.chain[i].certificate.get();
        must((i == 0 ? SSL_CTX_use_certificate(context, each)
                     : static_cast<int>(SSL_CTX_add1_chain_cert(context, each))) == 1,
            "certificate");
    }
    if (!how.chain.empty()) must(SSL_CTX_use_PrivateKey(context, how.chain[0].key.get()) == 1, "key");
    SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
    if (how.prepare) how.prepare(context);
}

void answer_requests(tls_link& link)
{
    for (auto head = link.read_request(); !head.empty(); head = link.read_request()) {
        const seen_request request{0, 0, head};
        if (!link.write(http_answer(200, kubeconfig_text(id_in(request.target()))))) return;
    }
}

}

std::shared_ptr<const tls_server::setting> tls_server::set_up(server_profile how)
{
    auto made = std::make_shared<setting>();
    made->how = std::move(how);
    made->context.reset(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
    shape(made->context.get(), made->how);
    return made;
}

tls_server::tls_server(server_profile how)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    , setting_(set_up(std::move(how)))
{
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    must(
        ::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 && ::listen(listener_, 256) == 0, "listen");
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

tls_server::~tls_server()
{
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    forget();
    ::close(listener_);
}

void tls_server::become(server_profile how)
{
    auto next = set_up(std::move(how));
    const std::lock_guard lock(guard_);
    setting_ = std::move(next);
}

void tls_server::close_all()
{
    std::vector<served*> all;
    {
        const std::lock_guard lock(guard_);
        for (const auto& each : connections_) {
            all.push_back(each.get());
            ::shutdown(each->socket, SHUT_RDWR);
        }
    }
    for (auto* each : all)
        if (each->worker.joinable()) each->worker.join();
}

void tls_server::forget()
{
    close_all();
    const std::lock_guard lock(guard_);
    for (const auto& each : connections_) ::close(each->socket);
    connections_.clear();
}

std::vector<seen_connection> tls_server::seen() const
{
    std::vector<seen_connection> all;
    const std::lock_guard lock(guard_);
    for (const auto& each : connections_) all.push_back(each->seen);
    return all;
}

void tls_server::accept_all()
{
    for (;;) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) return;
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const std::lock_guard lock(guard_);
        auto& one = *connections_.emplace_back(std::make_unique<served>());
        one.socket = socket;
        one.by = setting_;
        one.worker = std::thread([this, &one] { serve(one); });
    }
}

void tls_server::serve(served& one)
{
    {
        tls_link link(one.socket, one.by->context.get(), one.by->how, one.seen, guard_);
        if (!one.by->how.instead.empty()) {
            if (link.receive()) link.send_raw(one.by->how.instead);
        } else if (link.handshake()) {
            {
                const std::lock_guard lock(guard_);
                one.seen.handshaken = true;
                one.seen.resumed = SSL_session_reused(link.ssl()) == 1;
                one.seen.version = SSL_get_version(link.ssl());
                one.seen.cipher = SSL_get_cipher_name(link.ssl());
                one.seen.extended_master_secret = SSL_get_extms_support(link.ssl()) == 1;
            }
            one.by->how.serve ? one.by->how.serve(link) : answer_requests(link);
        }
        link.end();
    }
    ERR_clear_error();
    const std::lock_guard lock(guard_);
    one.seen.over = true;
}

}
