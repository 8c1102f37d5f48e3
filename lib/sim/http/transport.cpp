#include "sim/http/transport.hpp"

#include "sim/pki/authority.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <openssl/ssl.h>

#include <array>
#include <string_view>
#include <utility>

namespace doks::sim {

namespace {

int choose_http_1(
    SSL*, const unsigned char** chosen, unsigned char* length, const unsigned char* offered, unsigned size, void*)
{
    static constexpr unsigned char http_1[] = "\x08http/1.1";
    unsigned char* selected = nullptr;
    int found = SSL_select_next_proto(&selected, length, http_1, sizeof(http_1) - 1, offered, size);
    if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
    *chosen = selected;
    return SSL_TLSEXT_ERR_OK;
}

int accept_any_certificate(int, X509_STORE_CTX*) { return 1; }

}

transport::transport(asio::ip::tcp::socket socket, asio::ssl::context* tls)
    : socket_(std::move(socket))
{
    boost::system::error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    if (tls) tls_.emplace(socket_, *tls);
}

asio::awaitable<bool> transport::handshake()
{
    if (!tls_) co_return true;
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    co_await tls_->async_handshake(asio::ssl::stream_base::server, token);
    co_return !error;
}

asio::awaitable<std::size_t> transport::read_some(asio::mutable_buffer buffer)
{
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    std::size_t size = 0;
    if (tls_)
        size = co_await tls_->async_read_some(buffer, token);
    else
        size = co_await socket_.async_read_some(buffer, token);
    co_return error ? 0 : size;
}

asio::awaitable<bool> transport::write(asio::const_buffer buffer)
{
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    if (tls_)
        co_await asio::async_write(*tls_, buffer, token);
    else
        co_await asio::async_write(socket_, buffer, token);
    co_return !error;
}

asio::awaitable<void> transport::outlast_peer()
{
    std::array<char, 4096> dropped;
    boost::system::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    while (!error) co_await socket_.async_read_some(asio::buffer(dropped), token);
}

asio::awaitable<void> transport::close()
{
    boost::system::error_code error;
    if (tls_) {
        // As if the peer's close_notify were here already: else async_shutdown would wait for it.
        SSL_set_shutdown(tls_->native_handle(), SSL_RECEIVED_SHUTDOWN);
        auto token = asio::redirect_error(asio::use_awaitable, error);
        co_await tls_->async_shutdown(token);
    }
    cut();
}

void transport::cut()
{
    boost::system::error_code ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    socket_.close(ignored);
}

void transport::reset()
{
    boost::system::error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
}

void transport::interrupt()
{
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

std::string transport::client_certificate() const
{
    if (!tls_) return {};
    SSL* handle = const_cast<SSL*>(const_cast<transport*>(this)->tls_->native_handle());
    certificate_ptr shown(SSL_get1_peer_certificate(handle));
    return shown ? fingerprint(*shown) : std::string();
}

asio::ssl::context make_server_context(
    const std::string& certificate_pem, const std::string& key_pem, bool ask_for_certificate)
{
    asio::ssl::context made(asio::ssl::context::tls_server);
    made.use_certificate_chain(asio::buffer(certificate_pem));
    made.use_private_key(asio::buffer(key_pem), asio::ssl::context::pem);
    SSL_CTX* native = made.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_alpn_select_cb(native, choose_http_1, nullptr);
    static constexpr std::string_view session_name = "doks-sim";
    SSL_CTX_set_session_id_context(native, reinterpret_cast<const unsigned char*>(session_name.data()),
        static_cast<unsigned>(session_name.size()));
    if (ask_for_certificate) SSL_CTX_set_verify(native, SSL_VERIFY_PEER, accept_any_certificate);
    return made;
}

}
