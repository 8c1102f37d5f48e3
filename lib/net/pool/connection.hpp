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

/// One request, ready to be sent; immutable and shared with whoever sends it.
struct request
{
    /// The target in three parts, so that a call's id moves through and no string is made of them.
    std::shared_ptr<const std::string> root; ///< what all requests of a client begin with
    std::string subject;                     ///< a cluster's id, behind a slash; empty: none, and no slash
    boost::static_string<64> rest;           ///< path and query behind that

    std::size_t body_limit = 0;
    /// Looks at a 200's body before the connection is used again; clear if it is what was asked for.
    boost::system::error_code (*check)(const request& asked, std::string_view body, std::string& detail) = nullptr;

    std::string target() const;
};

/// How long each phase of a connection may take.
struct phase_limits
{
    core::duration connect{}, proxy{}, tls{}, first_byte{}, body_idle{};
};

/// What every connection of a client has in common.
struct connection_setup
{
    endpoint where;
    std::shared_ptr<const tls_context> profile = {}; ///< none: no TLS
    std::shared_ptr<session_cache> sessions = {};    ///< none: every handshake is a full one
    std::shared_ptr<async::clock> time;
    std::shared_ptr<dialer> network;
    phase_limits limits;
    async::executor owner_strand;
};

/** One connection on a strand of its own: it opens once, then carries one request after the other.

    Shape: `open`, `run` and `abort` are called on the owner's strand and return at once; exactly one `opened` or
    `answered` follows there, unless the connection is aborted: then nothing follows. Between requests nothing is
    pending, so an idle connection holds no work and may simply be destroyed.
*/
class connection final : public std::enable_shared_from_this<connection>, private wire::waiter, private dial_listener
{
public:
    class owner
    {
    public:
        virtual ~owner() = default;
        virtual void opened(connection& which) = 0;
        virtual void answered(connection& which) = 0;
    };

    /// What an exchange led to; read on the owner's strand in `opened` and `answered`.
    struct report
    {
        core::outcome outcome;
        net::response response;
        std::string detail;
        bool reusable = false;
    };

    connection(std::uint64_t id, const asio::any_io_executor& on, std::shared_ptr<const connection_setup> setup);

    void open(std::shared_ptr<owner> whose);
    /// `head`: everything behind the request line, the empty line included.
    void run(
        std::shared_ptr<const request> what, std::shared_ptr<const secret_bytes> head, std::shared_ptr<owner> whose);
    /// It waits for a request: if the server closes it meanwhile, nobody is at fault.
    void rest() noexcept { rested_ = true; }
    void abort();

    std::uint64_t id() const noexcept { return id_; }
    report& result() noexcept { return report_; }
    /// Any thread: the phase it is in, and when that has taken too long; never once there is a result.
    core::phase at() const noexcept { return phase_.load(std::memory_order_relaxed); }
    core::instant due() const noexcept { return core::instant(core::duration(due_.load(std::memory_order_relaxed))); }

    std::string peer() const { return stream_ ? stream_->below().peer() : std::string(); }
    const stream* transport() const noexcept { return stream_.get(); }

private:
    void dial_enters(core::phase next) override;
    void dial_ended(ended how) override;
    void begin();
    void compose_request();

    template <class Step> void take_step(Step step);
    void take_line(ended how);
    void drive();
    void ready(boost::system::error_code failed) override;
    bool advance_handshake();
    bool advance_write();
    bool advance_read();
    bool wait_for(wire::direction which);
    bool feed(std::size_t fresh);
    bool no_more_bytes(bool clean);
    bool trouble(const stream::progress& got);

    void enter(core::phase next, core::duration limit);
    void complete();
    bool body_goes_on();
    void finish(boost::system::error_code cause);
    void notify(void (owner::*what)(connection&));

    const std::uint64_t id_;
    async::executor strand_;
    std::shared_ptr<const connection_setup> setup_;
    std::shared_ptr<owner> owner_;
    std::weak_ptr<dialling> dialling_; ///< its own operations hold it
    std::unique_ptr<stream> stream_;
    response_reader reader_;

    std::shared_ptr<const request> request_;
    std::shared_ptr<const secret_bytes> head_;
    bool rested_ = false;
    bool begins_ = false; ///< within `begin`, whose caller may be the owner
    secret_bytes out_;
    std::size_t written_ = 0;
    secret_bytes in_;
    std::size_t filled_ = 0;
    std::size_t dirty_ = 0;
    report report_;
    unsigned served_ = 0;
    bool sent_ = false;
    bool aborted_ = false;

    std::atomic<core::phase> phase_{core::phase::resolve};
    std::atomic<core::duration::rep> due_{0};
};

}
