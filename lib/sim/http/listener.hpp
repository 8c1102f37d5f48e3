#pragma once

#include "sim/http/session.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <memory>
#include <vector>

namespace doks::sim {

/** A port on 127.0.0.1, bound at once so that its number is known before anything is served. */
class bound_port
{
public:
    /** 0 is any free port. Errors: std::system_error that names the port. */
    explicit bound_port(std::uint16_t wanted);
    ~bound_port();

    bound_port(const bound_port&) = delete;
    bound_port& operator=(const bound_port&) = delete;

    std::uint16_t number() const { return number_; }

    /** Gives the listening socket up to the caller. */
    int release();

private:
    int socket_;
    std::uint16_t number_ = 0;
};

/** Accepts connections and runs a session for each, on the server's thread.

    The server owns it. A session's coroutine owns the session; the list here is weak and only for `drain`. Without descriptors
    it pauses instead of ending: `breather_`.
*/
class listener
{
public:
    /** A null context serves plain HTTP. The service and the context must outlive the io_context. */
    listener(
        asio::io_context& context, bound_port& port, asio::ssl::context* tls, service& service, session_rules rules);

    void start() { wait(); }

    /** Lets no session take another request; new connections are accepted. */
    void drain();

private:
    void wait();
    void accept_all();
    void begin_session(int socket);

    asio::io_context& context_;
    asio::ip::tcp::acceptor acceptor_;
    asio::steady_timer breather_;
    asio::ssl::context* tls_;
    service& service_;
    session_rules rules_;
    std::uint64_t accepted_ = 0;
    std::vector<std::weak_ptr<session>> sessions_;
    std::size_t sweep_at_ = 64; ///< The list's length at which ended sessions are removed from it.
};

}
