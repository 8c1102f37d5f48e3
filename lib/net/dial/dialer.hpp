#pragma once

#include "async/clock.hpp"
#include "net/dial/wire.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace doks::net {

/// Where to connect to.
struct endpoint
{
    std::string host; ///< a name or an address literal, without brackets
    std::uint16_t port = 443;

    /// As it stands in a Host field, the port always with it.
    std::string text() const
    {
        const bool bracketed = host.find(':') != std::string::npos;
        return (bracketed ? '[' + host + ']' : host) + ':' + std::to_string(port);
    }
};

/// Who wants to be connected; told on the strand of the attempt.
class dial_listener
{
public:
    struct ended
    {
        boost::system::error_code failed;
        core::phase at = core::phase::connect; ///< the phase that failed
        std::string detail;                    ///< the addresses that were tried, or what a proxy said
        std::unique_ptr<wire> line;            ///< none where it failed
    };

    /// The attempt goes on with this phase.
    virtual void dial_enters(core::phase next) = 0;
    virtual void dial_ended(ended how) = 0;

protected:
    ~dial_listener() = default;
};

/// A connection attempt under way. Its own operations hold it, so that it goes with the context; letting go of it does not
/// end it.
class dialling
{
public:
    virtual ~dialling() = default;
    /// Ends it; its listener is not told any more.
    virtual void abandon() noexcept = 0;
};

/** The door to the network: the only way by which this module gets a wire.

    Threads: `dial` is called on the strand `on`; there the listener hears how it ended, exactly once unless the attempt is
    abandoned, never from within `dial`.
*/
class dialer
{
public:
    virtual ~dialer() = default;
    virtual std::shared_ptr<dialling> dial(
        const endpoint& where, async::executor on, std::shared_ptr<dial_listener> who) = 0;
};

/** TCP; sockets are close-on-exec from their first moment.

    A name goes through the system's resolver; an address literal does not, nor does `localhost` and what is below it,
    which are ::1 and 127.0.0.1. Where a name has several addresses they are
    raced: both families in turn, the next one when the last has failed or had 250 ms.
    Source: RFC 8305 §4, §5; RFC 6761 §6.3.
*/
std::shared_ptr<dialer> tcp_dialer(std::shared_ptr<async::clock> time);

}
