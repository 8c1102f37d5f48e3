#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace doks::sim {

namespace asio = boost::asio;

/** One accepted connection, with TLS or without, and every way of ending it that a peer can tell apart. A session owns it. */
class transport
{
public:
    /** Without a context it is plain TCP. */
    transport(asio::ip::tcp::socket socket, asio::ssl::context* tls);

    /** False if the peer went away or made no sense. */
    asio::awaitable<bool> handshake();

    /** Bytes read; 0 at the end, on an error and after interrupt(). */
    asio::awaitable<std::size_t> read_some(asio::mutable_buffer buffer);

    asio::awaitable<bool> write(asio::const_buffer buffer);

    /** Waits until the peer is gone, and drops the bytes that it sends until then. */
    asio::awaitable<void> outlast_peer();

    /** close_notify, if there is TLS, then FIN; never waits for the peer. */
    asio::awaitable<void> close();

    /** FIN without close_notify. */
    void cut();

    /** RST. */
    void reset();

    /** Makes the read under way return 0; the connection can still be written to and closed. */
    void interrupt();

    /** SHA-256 of the client's certificate; empty without one. */
    std::string client_certificate() const;

    asio::any_io_executor executor() { return socket_.get_executor(); }

private:
    asio::ip::tcp::socket socket_;
    std::optional<asio::ssl::stream<asio::ip::tcp::socket&>> tls_;
};

/** A context for a server with this identity: TLS 1.2 at least, HTTP/1.1 by ALPN.

    With `ask_for_certificate` a client may show a certificate; the caller decides whether it is good.
*/
asio::ssl::context make_server_context(
    const std::string& certificate_pem, const std::string& key_pem, bool ask_for_certificate);

}
