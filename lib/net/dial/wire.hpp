#pragma once

#include "async/executor.hpp"
#include "core/outcome.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>
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
    /// Tells `who` once, when the direction may move bytes again, or with operation_aborted after `close`. `who` keeps the
    /// wire alive.
    virtual void wait(direction which, std::shared_ptr<waiter> who) = 0;
    virtual void close() noexcept = 0;
    /// Numeric address and port of the other side.
    virtual std::string peer() const = 0;
};

}
