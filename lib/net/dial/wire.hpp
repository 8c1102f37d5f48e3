#pragma once

#include "async/executor.hpp"
#include "core/outcome.hpp"

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace doks::net {

/// One connected byte stream that never blocks; on the strand that it was dialled for. A `stream` owns it.
class wire
{
public:
    enum class direction
    {
        send,
        receive
    };

    /// Waits for the wire. It is no handler, because an erased handler on a strand costs three allocations a wait.
    class waiter
    {
    public:
        virtual void ready(boost::system::error_code failed) = 0;

    protected:
        ~waiter() = default;
    };

    /// The outcome of one try. Without bytes, error and `would_block` the peer has closed its side.
    struct transfer
    {
        std::size_t bytes = 0;
        boost::system::error_code error;
        bool would_block = false; ///< nothing can be moved now: `wait`
    };

    virtual ~wire() = default;

    virtual transfer try_send(const char* data, std::size_t size) = 0;
    virtual transfer try_receive(char* data, std::size_t size) = 0;
    /// Calls `waiting` once, when `to` may move bytes again, or with operation_aborted after `close`. `waiting` keeps the
    /// wire alive.
    virtual void wait(direction to, std::shared_ptr<waiter> waiting) = 0;
    virtual void close() noexcept = 0;
    /// Numeric address and port of the other side.
    virtual std::string peer() const = 0;
};

}
