#pragma once

#include "sim/delivery.hpp"
#include "sim/fault_plan.hpp"
#include "sim/http.hpp"
#include "sim/transport.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace doks::sim {

/** What a session serves: the API or the Kubernetes front. Called on the sessions' thread only. */
class service
{
public:
    virtual ~service() = default;

    /** none, refuse or stall_handshake. */
    virtual fault meet_connection() = 0;
    virtual void connection_closed() = 0;

    /** A request was received in full: what is it going to meet? */
    virtual ordeal meet_request(const request& what) = 0;

    /** It has arrived, latency included: the answer. Its status is 0 if there is none. */
    virtual reply answer(
        const request& what, const ordeal& met, std::uint64_t connection, const std::string& certificate) = 0;
    virtual void request_ended() = 0;
};

/** Habits of a server that do not depend on what it serves. */
struct session_rules
{
    std::chrono::nanoseconds close_idle_after{0};
    std::size_t max_requests = 0;
    bool chunked = false;
};

/** Serves one connection, one request after the other, from its acceptance to its end. */
class session : public std::enable_shared_from_this<session>
{
public:
    session(asio::ip::tcp::socket socket, asio::ssl::context* tls, service& what, session_rules rules,
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
    asio::awaitable<bool> send(delivery what);
    asio::awaitable<bool> drip(const delivery& what);
    asio::awaitable<bool> end(ending how);
    asio::awaitable<void> pause(std::chrono::nanoseconds how_long);
    std::string compose(const reply& answer);
    void arm_idle_timer();

    transport wire_;
    service& service_;
    session_rules rules_;
    std::uint64_t number_;
    asio::steady_timer pause_timer_;
    asio::steady_timer idle_timer_;
    std::string received_;
    request request_;
    std::string client_certificate_;
    std::size_t served_ = 0;
    bool idle_ = false;
    bool draining_ = false;
};

}
