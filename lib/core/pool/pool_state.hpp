#pragma once

#include "core/outcome.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace doks::core {

/// Base of those who wait for a connection.
struct pool_waiter : boost::intrusive::list_base_hook<>
{
    /// Needs a connection that has carried no request: the last one was closed, or its response made no sense.
    bool wants_fresh = false;
};

/** The decisions of a connection pool: which waiter gets which connection, when to open one, when to close one.

    Idle connections are taken last in, first out, so that few are kept warm. Waiters are served first in, first out; a
    released connection goes straight to the first waiter. Connections are opened only while there are waiters. A waiter that
    wants a fresh connection is passed over while one is being opened; if none is, the next one released is closed to make room.
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

    /// The idle connection that was used last. Those that idled too long come out of `discarded`.
    std::optional<id> take_idle(instant now);
    /// Connections to close, since the last call.
    std::vector<id> discarded();
    /// It leaves the book, and is to be closed.
    std::optional<id> take_oldest_idle();

    /// A waiter that wants a fresh connection had its turn already: it goes behind others of its kind, before all others.
    void enqueue(pool_waiter& waiter);
    /// Does nothing if it does not wait.
    void withdraw(pool_waiter& waiter)
    {
        if (waiter.is_linked()) waiters_.erase(waiters_.iterator_to(waiter));
    }
    std::size_t waiting() const noexcept { return waiters_.size(); }

    /// True if one more connection is to be opened; it counts as opening then. An idle one may be discarded to make room.
    bool begin_open();
    /// The connection serves the first waiter; without one it is idle.
    pool_waiter* opened(id connection, instant now);
    /// Returns the first waiter, which fails; null if all of them were served or left.
    pool_waiter* open_failed();
    /// One connection less is being opened; the waiters stay in the queue.
    void give_up_opening() noexcept
    {
        --opening_;
        --total_;
    }
    /// The next waiter, if there is no connection that it could get.
    pool_waiter* next_without_connection() { return total_ == 0 ? pop() : nullptr; }

    /// What to do with a released connection: serve a waiter, close it, or else let it idle.
    struct handover
    {
        pool_waiter* to = nullptr;
        bool close = false;
    };
    handover released(id connection, bool reusable, instant now);

    std::size_t connections() const noexcept { return total_; }
    std::size_t idle() const noexcept { return idle_.size(); }
    std::size_t opening() const noexcept { return opening_; }
    std::size_t max_connections() const noexcept { return limits_.connections; }

private:
    struct idle_connection
    {
        id connection;
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
