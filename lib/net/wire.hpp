#pragma once

#include "core/outcome.hpp"
#include "net/executor.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace doks::net {

/** One connected byte stream that never blocks.

    Threads: the strand it was dialled for.
*/
class wire
{
public:
    enum class direction
    {
        send,
        receive
    };

    /// Who waits for the wire. Not a handler: one that is erased and on a strand costs three allocations a wait.
    class waiter
    {
    public:
        virtual void ready(boost::system::error_code failed) = 0;

    protected:
        ~waiter() = default;
    };

    /** Bytes moved; with neither bytes nor error the peer has closed its side.

        `would_block`: nothing can be moved now, `wait` for it.
    */
    struct transfer
    {
        std::size_t bytes = 0;
        boost::system::error_code error;
        bool would_block = false;
    };

    virtual ~wire() = default;

    virtual transfer try_send(const char* data, std::size_t size) = 0;
    virtual transfer try_receive(char* data, std::size_t size) = 0;
    /// Tells `who` once, when the direction may move bytes again, or with operation_aborted after `close`.
    virtual void wait(direction which, std::shared_ptr<waiter> who) = 0;
    virtual void close() noexcept = 0;
    /// Numeric address and port of the other side.
    virtual std::string peer() const = 0;
};

/// Where to connect to.
struct endpoint
{
    std::string host; ///< a name or an address literal, without brackets
    std::uint16_t port = 443;
};

/// A connection attempt under way. Letting go of it does not end it.
class dialling
{
public:
    virtual ~dialling() = default;
    /// Ends it; its handler is not called any more.
    virtual void abandon() noexcept = 0;
};

/** The door to the network: the only way by which this room gets a wire.

    Threads: `dial` is called on the strand `on`; the handler runs there, exactly once unless the attempt is abandoned,
    never from within `dial`.
*/
class dialer
{
public:
    /// `at` is the phase that failed; `detail` names the addresses that were tried.
    using dial_handler =
        std::function<void(boost::system::error_code, core::phase at, std::string detail, std::unique_ptr<wire>)>;

    virtual ~dialer() = default;
    virtual std::shared_ptr<dialling> dial(const endpoint& where, executor on, dial_handler handler) = 0;
};

/// TCP through the system's resolver; sockets are close-on-exec from their first moment.
std::shared_ptr<dialer> tcp_dialer();

}
