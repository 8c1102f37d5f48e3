#pragma once

#include "net/dial/dialer.hpp"
#include "support/certificates/test_authority.hpp"
#include "support/manual_clock.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace doks::test {

/// How a scripted server meets a request.
struct scripted_answer
{
    std::string bytes;
    core::duration delay{};
    bool close = false;      ///< the stream ends behind the bytes, with close_notify
    bool reset = false;      ///< the stream breaks behind the bytes
    bool silent = false;     ///< nothing comes, ever
    std::string behind = {}; ///< follows the bytes in a TLS record of its own
};

/// A request as a scripted server sees it.
struct seen_request
{
    unsigned connection = 0; ///< counts from 1
    unsigned ordinal = 0;    ///< on its connection, from 1
    std::string head;
    std::string target() const { return head.substr(4, head.find(' ', 4) - 4); }
};

/** A network in memory whose one host speaks TLS with real OpenSSL, scripted request by request.

    For one thread; time is the manual clock's.
*/
class scripted_network final : public net::dialer, public std::enable_shared_from_this<scripted_network>
{
public:
    using script = std::function<scripted_answer(const seen_request&)>;

    scripted_network(std::shared_ptr<manual_clock> time, SSL_CTX* server, script meets);

    std::shared_ptr<net::dialling> dial(
        const net::endpoint& where, async::executor on, std::shared_ptr<net::dial_listener> who) override;

    /// The next dials fail with this; clear: they succeed.
    void refuse_dials(boost::system::error_code with) { refused_ = with; }
    /// Each dial takes this long.
    void slow_dials(core::duration by) { dial_time_ = by; }
    /// Ends every connection that is open now, as a server does that restarts.
    void close_all(bool orderly = true);
    /// The server sends unasked bytes on every open connection.
    void send_unasked(const std::string& bytes);

    /// Destroys the handlers that wait for bytes, as a context does that is destroyed.
    void stop();

    unsigned dials() const noexcept { return dials_; }
    unsigned open() const;
    const std::vector<seen_request>& requests() const noexcept { return requests_; }
    /// For runs that are too long to remember every request.
    void forget_requests() { requests_.clear(); }

private:
    class far_end;
    class near_wire;

    std::shared_ptr<manual_clock> clock_;
    SSL_CTX* server_;
    script meets_;
    boost::system::error_code refused_;
    core::duration dial_time_{};
    unsigned dials_ = 0;
    std::vector<seen_request> requests_;
    std::vector<std::weak_ptr<far_end>> ends_;
};

}
