#pragma once

#include "sim/fault/delivery.hpp"
#include "sim/fault/fault_plan.hpp"
#include "sim/http/http.hpp"
#include "sim/http/transport.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace doks::sim {

/** The server behind a session: the DigitalOcean or the Kubernetes API. Called on the sessions' thread only. */
class service
{
public:
    virtual ~service() = default;

    /** none, refuse or stall_handshake. */
    virtual fault connection_fault() = 0;
    virtual void connection_closed() = 0;

    /** A request was received in full: its fault and latencies. */
    virtual fault_decision decide_request(const http_request& request) = 0;

    /** The request has arrived, latency included. The status is 0 if there is no response. */
    virtual http_response respond(const http_request& request, const fault_decision& decision, std::uint64_t connection,
        const std::string& certificate) = 0;
    virtual void request_ended() = 0;
};

/** Connection handling of a server, whichever API it serves. */
struct session_rules
{
    std::chrono::nanoseconds close_idle_after{0};
    std::size_t max_requests = 0;
    bool chunked = false;
};

/** Serves one connection, one request after the other, from its acceptance to its end; on the server's thread.

    Its coroutine `run` owns it. A loop of open, then receive, serve_one (decide the fault, wait the latency, respond, wait
    again, send) until a fault, the client, an idle timer or `drain` ends it. An idle session is one that waits for the first
    byte of a request: only that wait may be interrupted.
*/
class session : public std::enable_shared_from_this<session>
{
public:
    session(asio::ip::tcp::socket socket, asio::ssl::context* tls, service& service, session_rules rules,
        std::uint64_t number);
    ~session();

    session(const session&) = delete;
    session& operator=(const session&) = delete;

    asio::awaitable<void> run();

    /** No more requests: an idle connection is closed now, a busy one after its response. */
    void drain();

    /** Resets the connection. */
    void abandon() { wire_.reset(); }

private:
    asio::awaitable<bool> open();
    asio::awaitable<bool> receive();
    asio::awaitable<bool> serve_one();
    asio::awaitable<void> refuse_request();
    asio::awaitable<bool> send(delivery delivery);
    asio::awaitable<bool> drip(const delivery& delivery);
    asio::awaitable<bool> end(ending ending);
    asio::awaitable<void> pause(std::chrono::nanoseconds duration);
    std::string compose(const http_response& response);
    void arm_idle_timer();

    transport wire_;
    service& service_;
    session_rules rules_;
    std::uint64_t number_;
    asio::steady_timer pause_timer_;
    asio::steady_timer idle_timer_;
    std::string received_;
    http_request request_;
    std::string client_certificate_;
    std::size_t served_ = 0;
    bool idle_ = false;
    bool draining_ = false;
};

}
