#pragma once

#include "core/outcome.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace doks::core {

/// Somebody who waits for a connection; base of what the pool serves.
struct pool_waiter : boost::intrusive::list_base_hook<>
{
    /// Only a connection that has carried no request will do.
    bool wants_fresh = false;
};

/** Who has which connection: the pool's bookkeeping, without connections.

    Idle connections are taken last in, first out, so that few are kept warm; waiters are served first in, first out,
    directly from the hand of whoever returns a connection. Connections are opened only as far as somebody waits for one.
    Whoever wants a fresh one is passed over while it is being opened; where none is, the next to come back makes room for it.
*/
class pool_state
{
public:
    using id = std::uint64_t;

    struct limits
    {
        std::size_t connections = 64;
        duration keep_alive{}; ///< an idle connection older than this is not used again
    };

    explicit pool_state(limits bounds)
        : limits_(bounds)
    {
        idle_.reserve(limits_.connections);
    }

    /// The idle connection used last of those young enough; the ones above it come out of `discarded`.
    std::optional<id> take_idle(instant now);
    /// Idle connections that left the book and are to be closed.
    std::vector<id> discarded();
    /// It leaves the book, and is to be closed.
    std::optional<id> take_oldest_idle();

    /// Whoever wants a fresh connection had his turn already: only his like is served before him.
    void enqueue(pool_waiter& who);
    /// Nothing happens where it does not wait.
    void withdraw(pool_waiter& who)
    {
        if (who.is_linked()) waiters_.erase(waiters_.iterator_to(who));
    }
    std::size_t waiting() const noexcept { return waiters_.size(); }

    /// True, and counted as being opened, if one more connection is due; an idle one may be discarded to make room.
    bool begin_open();
    /// The connection serves the first waiter; without one it is idle.
    pool_waiter* opened(id which, instant now);
    /// The first waiter learns of it; there is none if all of them were served or left.
    pool_waiter* open_failed();
    /// One connection less is being opened; its waiter stays in the queue.
    void give_up_opening() noexcept
    {
        --opening_;
        --total_;
    }
    /// One more who waits in vain, where there is no connection at all.
    pool_waiter* hopeless() { return total_ == 0 ? pop() : nullptr; }

    /// What becomes of a connection that comes back.
    struct handover
    {
        pool_waiter* to = nullptr;
        bool close = false;
    };
    handover released(id which, bool reusable, instant now);

    std::size_t connections() const noexcept { return total_; }
    std::size_t idle() const noexcept { return idle_.size(); }
    std::size_t opening() const noexcept { return opening_; }
    std::size_t most() const noexcept { return limits_.connections; }

private:
    struct idle_connection
    {
        id which;
        instant since;
    };

    pool_waiter* pop();

    limits limits_;
    std::vector<idle_connection> idle_;
    std::vector<id> discarded_;
    boost::intrusive::list<pool_waiter> waiters_;
    std::size_t total_ = 0;
    std::size_t opening_ = 0;
};

}
