#pragma once

#include "async/clock.hpp"
#include "net/dial/wire.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace doks::net {

/// A host and a port to connect to.
struct endpoint
{
    std::string host; ///< a name or an address literal, without brackets
    std::uint16_t port = 443;

    /// As in a Host field, always with the port.
    std::string text() const
    {
        const bool bracketed = host.find(':') != std::string::npos;
        return (bracketed ? '[' + host + ']' : host) + ':' + std::to_string(port);
    }
};

/// Receives the progress and the outcome of one attempt to connect, on the strand of the attempt.
class dial_listener
{
public:
    struct ended
    {
        boost::system::error_code failed;
        core::phase at = core::phase::connect; ///< the phase that failed
        std::string detail;                    ///< the addresses that were tried, or what a proxy said
        std::unique_ptr<net::wire> wire;       ///< none if it failed
    };

    /// The attempt enters this phase.
    virtual void dial_enters(core::phase next) = 0;
    virtual void dial_ended(ended outcome) = 0;

protected:
    ~dial_listener() = default;
};

/// One attempt to connect. Its pending operations own it, so that it is destroyed with the context; the caller holds it weakly.
class dialling
{
public:
    virtual ~dialling() = default;
    /// Ends it; its listener is not called any more.
    virtual void discard() noexcept = 0;
};

/** Connects to an endpoint: the only way by which this module gets a wire, so that tests can bring their own network.

    `dial` is called on `strand`. The listener is called there, with the outcome exactly once unless the attempt is discarded,
    and never from within `dial`. The transport owns it and shares it with its connections.
*/
class dialer
{
public:
    virtual ~dialer() = default;
    virtual std::shared_ptr<dialling> dial(
        const endpoint& to, async::executor strand, std::shared_ptr<dial_listener> listener) = 0;
};

/** TCP; sockets are close-on-exec from their first moment.

    A name goes through the system's resolver. An address literal does not, nor do `localhost` and the names below it, which
    are ::1 and 127.0.0.1. Several addresses of a name are raced: both families in turn, the next one when the last one has
    failed or had 250 ms.
    @see RFC 8305 §4, §5; RFC 6761 §6.3
*/
std::shared_ptr<dialer> tcp_dialer(std::shared_ptr<async::clock> time);

}
