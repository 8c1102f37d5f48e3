#pragma once

#include "async/clock.hpp"
#include "net/dial/dialer.hpp"
#include "net/pool/response_reader.hpp"
#include "net/tls/stream.hpp"

#include <boost/static_string.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace doks::net {

/// One request, ready to be sent; immutable, and shared with the connection that sends it.
struct request
{
    /// The target in three parts, so that a call's id is moved and no string is composed of them.
    std::shared_ptr<const std::string> root; ///< the path that all requests of a client begin with
    std::string subject;                     ///< a cluster's id, behind a slash; empty: none, and no slash
    boost::static_string<64> rest;           ///< path and query behind that

    std::size_t body_limit = 0;
    /// Checks a 200's body before the connection is used again; clear if the body fits the request.
    boost::system::error_code (*check)(const request& asked, std::string_view body, std::string& detail) = nullptr;

    std::string target() const;
};

/// The longest time of each phase of a connection.
struct phase_limits
{
    core::duration connect{}, proxy{}, tls{}, first_byte{}, body_idle{};
};

/// The setup that all connections of a client share.
struct connection_setup
{
    endpoint where;
    std::shared_ptr<const tls_context> tls = {};  ///< none: no TLS
    std::shared_ptr<session_cache> sessions = {}; ///< none: every handshake is a full one
    std::shared_ptr<async::clock> time;
    std::shared_ptr<dialer> network;
    phase_limits limits;
    async::executor owner_strand;
};

/** One connection on a strand of its own: it opens once, then carries one request after the other.

    The pool owns it; so does each wait for its socket. `open`, `run` and `abort` are called on the owner's strand and return
    at once; exactly one `opened` or `answered` follows there, unless the connection is aborted: then nothing follows. Between
    requests nothing is pending, so an idle connection holds no work and may simply be destroyed. The strand of its own lets
    TLS of several connections run on several threads.

    | phase          | entered by                    | left by                                        |
    |----------------|-------------------------------|------------------------------------------------|
    | resolve        | construction                  | the dialer: connect, or dial_ended             |
    | connect, proxy | the dialer                    | dial_ended                                     |
    | tls            | dial_ended                    | the end of the handshake; an error             |
    | response       | handshake; a whole response   | run (between requests nothing is pending)      |
    | write          | run                           | the last byte sent; an error                   |
    | first_byte     | the last byte sent            | the first byte received; an error              |
    | body           | the first byte received       | a whole response; an error                     |

    An error is reported by `finish`, in the phase in which it happened; the pool then closes the connection. Bounds of time
    are not kept here: the owner reads `at` and `due` and aborts.
*/
class connection final : public std::enable_shared_from_this<connection>, private wire::waiter, private dial_listener
{
public:
    class owner
    {
    public:
        virtual ~owner() = default;
        /// The connection is open, or `result()` says why not.
        virtual void opened(connection& connection) = 0;
        /// The exchange is over; `result()` has the response or the error.
        virtual void answered(connection& connection) = 0;
    };

    /// The result of opening or of an exchange; the owner reads it on its strand in `opened` and `answered`.
    struct exchange_result
    {
        core::outcome outcome;
        net::response response;
        std::string detail;
        bool reusable = false;
    };

    connection(std::uint64_t id, const asio::any_io_executor& on, std::shared_ptr<const connection_setup> setup);

    void open(std::shared_ptr<owner> to);
    /// `head`: everything behind the request line, the empty line included.
    void run(
        std::shared_ptr<const request> request, std::shared_ptr<const secret_bytes> head, std::shared_ptr<owner> to);
    /// It idles from now on: if the server closes it meanwhile, the request that finds out may be sent again.
    void rest() noexcept { rested_ = true; }
    /// Ends what it does; nothing follows.
    void abort();

    std::uint64_t id() const noexcept { return id_; }
    exchange_result& result() noexcept { return result_; }
    /// Any thread: the current phase, and when it has taken too long; never once there is a result.
    core::phase at() const noexcept { return phase_.load(std::memory_order_relaxed); }
    core::instant due() const noexcept { return core::instant(core::duration(due_.load(std::memory_order_relaxed))); }

    std::string peer() const { return stream_ ? stream_->below().peer() : std::string(); }
    const stream* transport() const noexcept { return stream_.get(); }

private:
    void dial_enters(core::phase next) override;
    void dial_ended(ended outcome) override;
    void begin();
    void compose_request();

    template <class Step> void take_step(Step step);
    void begin_tls(ended outcome);
    void drive();
    void ready(boost::system::error_code failed) override;
    bool advance_handshake();
    bool advance_write();
    bool advance_read();
    bool wait_for(wire::direction direction);
    bool feed(std::size_t fresh);
    bool no_more_bytes(bool clean);
    bool stopped(const stream::progress& progress);

    void enter(core::phase next, core::duration limit);
    void complete();
    bool body_goes_on();
    void finish(boost::system::error_code cause);
    void notify(void (owner::*event)(connection&));

    const std::uint64_t id_;
    async::executor strand_;
    std::shared_ptr<const connection_setup> setup_;
    std::shared_ptr<owner> owner_;
    std::weak_ptr<dialling> dialling_; ///< its own operations hold it
    std::unique_ptr<stream> stream_;
    response_reader reader_;

    std::shared_ptr<const request> request_;
    std::shared_ptr<const secret_bytes> head_;
    bool rested_ = false; ///< has idled
    bool begins_ = false; ///< within `begin`, whose caller may be the owner
    secret_bytes out_;
    std::size_t written_ = 0;
    secret_bytes in_;
    std::size_t filled_ = 0;
    std::size_t dirty_ = 0; ///< bytes of `in_` that were ever filled, and have to be wiped
    exchange_result result_;
    unsigned served_ = 0; ///< requests
    bool sent_ = false;   ///< the server may have seen the request
    bool aborted_ = false;

    std::atomic<core::phase> phase_{core::phase::resolve};
    std::atomic<core::duration::rep> due_{0};
};

}
