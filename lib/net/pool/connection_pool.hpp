#pragma once

#include "async/timer_queue.hpp"
#include "core/pool/pool_state.hpp"
#include "core/pool/reconnect_backoff.hpp"
#include "net/pool/connection.hpp"
#include "net/pool/pool_counters.hpp"

#include <doks/observer.hpp>

#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>

namespace doks::net {

/** The connections of a client, on its strand: carries out the decisions of `core::pool_state`.

    The transport owns the pool, and the pool its connections. A connection returns to the pool only if its user says that it
    is clean. No timer is armed while connections idle; one that idled too long is closed when it is next wanted. If a
    connection cannot be opened and there is no other, all waiters fail, and the next one is tried after a pause.

    | a connection is | entered by                         | left by                                              |
    |-----------------|------------------------------------|------------------------------------------------------|
    | opening         | open_one: a waiter has none        | opened: leased or idle; open_failed: gone            |
    | leased          | serve                              | release: leased, idle or closed; discard: closed     |
    | idle            | release or opened without a waiter | acquire: leased; too old, room for another: closed   |
*/
class connection_pool final : public connection::owner, private core::timer
{
public:
    /// Waits for a connection, then uses it. Called on the strand, possibly from within `acquire`.
    class user : public core::pool_waiter
    {
    public:
        /// The connection is the user's until `release` or `discard`.
        virtual void leased(connection& connection) = 0;
        /// No connection can be opened; the user does not wait any more.
        virtual void not_connected(core::outcome outcome, std::string detail) = 0;
        virtual void answered(connection& connection) = 0;

    protected:
        ~user() = default;
    };

    struct settings
    {
        core::pool_state::limits limits;
        core::duration life{};
        std::function<void(event)> observe; ///< none without an observer
    };

    connection_pool(asio::any_io_executor executor, std::shared_ptr<const connection_setup> setup,
        std::shared_ptr<async::timer_queue> timers, settings options);
    ~connection_pool() override;

    /// `self` keeps this pool alive while connections work. If it throws, the waiter does not wait.
    void acquire(user& waiter, std::shared_ptr<connection::owner> self);
    /// The waiter does not wait any more.
    void withdraw(user& waiter);
    void release(connection& connection, bool reusable);
    /// Closes a connection in the middle of an exchange: the rest of its response would pass for the next one.
    void discard(connection& connection, std::string_view why);
    void close_idle();
    /// The context is being destroyed: returns all connections to destroy; nothing is opened any more.
    std::shared_ptr<void> discard_all();

    /// Why waiters wait: the phase of a connection that is being opened, or `pool` if all are in use.
    core::phase waited_for() const;
    /// Why no further connection is opened: a lack of descriptors, or clear.
    const boost::system::error_code& lack() const noexcept { return lack_; }
    std::size_t max_connections() const noexcept { return state_.max_connections(); }
    /// Any thread.
    connection_stats stats() const noexcept { return counters_.read(); }

private:
    struct slot;

    void opened(connection& connection) override;
    void answered(connection& connection) override;
    void open_failed(slot& failed, core::outcome outcome, const std::string& detail);
    void serve(slot& free, core::pool_waiter* waiter);
    void due(core::instant now) override;
    void open_more();
    void open_one(const std::shared_ptr<connection::owner>& self, core::instant now);
    void give_up_opening(const boost::system::error_code& lack);
    void fail_waiters(const core::outcome& outcome, const std::string& detail);
    core::instant idles_since(const slot& idle, core::instant now) const;
    void publish() noexcept;
    void close(core::pool_state::id id, std::string_view why);
    void close_discarded();
    template <class Make> void observe(Make make);

    asio::any_io_executor executor_;
    std::shared_ptr<const connection_setup> setup_;
    std::shared_ptr<async::timer_queue> timers_;
    settings settings_;
    core::pool_state state_;
    boost::system::error_code lack_;
    core::reconnect_backoff reconnect_; ///< while the origin cannot be reached
    pool_counters counters_;
    std::unordered_map<core::pool_state::id, std::unique_ptr<slot>> slots_;
    std::weak_ptr<connection::owner> self_;
    std::uint64_t last_id_ = 0;
    bool stopped_ = false;
};

}
