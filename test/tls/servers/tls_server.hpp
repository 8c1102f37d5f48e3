#pragma once

#include "support/certificates/certificate_factory.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace doks::test {

/// What a connection of the server saw.
struct seen_connection
{
    std::string raw;   ///< every byte received
    std::string plain; ///< every byte decrypted
    std::string sni;   ///< empty: none came
    std::string alpn;  ///< as it was offered, lengths and all
    bool handshaken = false;
    bool resumed = false;
    bool early_data = false; ///< the ClientHello offered some
    bool extended_master_secret = false;
    std::string version, cipher;
    std::size_t sent = 0;
    std::vector<std::size_t> record_ends; ///< offsets in what was sent
    std::string refused;                  ///< why the handshake failed, as OpenSSL tells the server
    bool over = false;
};

class tls_link;

/// What the server does; nothing in it keeps it from offering bad things.
struct server_profile
{
    enum class cut
    {
        none,
        stall, ///< says nothing more and keeps the connection
        end,
        reset
    };

    std::vector<certified> chain; ///< the leaf first; its key is the server's
    int oldest = TLS1_2_VERSION;
    int newest = TLS1_3_VERSION;
    std::string ciphers = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"; ///< of TLS 1.2 and older
    std::string suites = {};                                 ///< of TLS 1.3; empty: OpenSSL's
    std::string groups = {};
    std::string alpn = {}; ///< selected whatever was offered; empty: no response
    bool wants_certificate = false;
    std::uint64_t options = 0;
    std::uint32_t early_data = 0;
    int tickets = 2;
    std::string instead = {}; ///< sent in response to the first bytes, and no TLS spoken
    std::size_t cut_after = std::numeric_limits<std::size_t>::max(); ///< so many bytes sent, then:
    cut then = cut::none;
    std::function<void(SSL_CTX*)> prepare = {};
    std::function<void(tls_link&)> serve = {}; ///< instead of answering requests
};

/** One accepted connection: OpenSSL between two buffers, so that every byte can be counted and held back. */
class tls_link
{
public:
    tls_link(int socket, SSL_CTX* context, const server_profile& how, seen_connection& seen, std::mutex& guard);
    ~tls_link();
    tls_link(const tls_link&) = delete;
    tls_link& operator=(const tls_link&) = delete;

    SSL* ssl() const noexcept { return ssl_; }
    void note_hello(std::string sni, std::string alpn, bool early_data);
    bool handshake();
    /// A request's header; empty: there is none any more.
    std::string read_request();
    bool write(std::string_view bytes);
    /// What OpenSSL has ready for the wire.
    bool flush();
    bool send_raw(std::string_view bytes);
    /// Bytes of the wire into OpenSSL; false: no more come.
    bool receive();
    /// Reads until the peer has ended.
    void drain();
    void end();
    void reset();

private:
    bool push(std::string_view bytes);

    int socket_;
    const server_profile& how_;
    seen_connection& seen_;
    std::mutex& guard_;
    SSL* ssl_;
    std::string pending_;
    std::string records_; ///< the head of a record that is not sent to its end
    std::size_t record_left_ = 0;
    bool cut_ = false;
};

/** A TLS server on 127.0.0.1 with a thread for each connection, which records what it sees.

    Shape: answers requests for kubeconfigs unless its profile has it do something else.
*/
class tls_server
{
public:
    explicit tls_server(server_profile how);
    ~tls_server();
    tls_server(const tls_server&) = delete;
    tls_server& operator=(const tls_server&) = delete;

    std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }
    std::uint16_t port() const noexcept { return port_; }
    /// From the next connection on; the ticket keys are new.
    void become(server_profile how);
    /// Closes every connection and waits for its end.
    void close_all();
    std::vector<seen_connection> seen() const;
    void forget();

private:
    struct setting;
    struct served;
    static std::shared_ptr<const setting> set_up(server_profile how);
    void accept_all();
    void serve(served& one);

    int listener_;
    std::uint16_t port_ = 0;
    mutable std::mutex guard_;
    std::shared_ptr<const setting> setting_;
    std::list<std::unique_ptr<served>> connections_;
    std::thread acceptor_;
};

}
