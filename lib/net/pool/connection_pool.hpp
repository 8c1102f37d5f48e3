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

/** The connections of a client, on its strand: the book's decisions carried out.

    A connection goes back into the pool only if whoever used it says that it is clean. No timer is armed while
    connections idle; one that idled too long is found out when it is wanted. Where a connection cannot be opened and there
    is no other, everybody who waits learns of it, and the next one is tried after a pause.
*/
class connection_pool final : public connection::owner, private core::timer
{
public:
    /// Somebody who wants to send a request.
    class user : public core::pool_waiter
    {
    public:
        virtual void leased(connection& which) = 0;
        virtual void not_connected(core::outcome why, std::string detail) = 0;
        virtual void answered(connection& which) = 0;

    protected:
        ~user() = default;
    };

    struct settings
    {
        core::pool_state::limits limits;
        core::duration life{};
        std::function<void(event)> observe; ///< none where nobody looks
    };

    connection_pool(asio::any_io_executor on, std::shared_ptr<const connection_setup> setup,
        std::shared_ptr<async::timer_queue> timers, settings how);
    ~connection_pool() override;

    /// `self` keeps this pool alive while connections work. If it throws, `who` does not wait.
    void acquire(user& who, std::shared_ptr<connection::owner> self);
    /// Gives up waiting.
    void withdraw(user& who);
    void release(connection& which, bool reusable);
    /// The exchange is given up in its middle.
    void abandon(connection& which, std::string_view why);
    void close_idle();
    /// The context is being destroyed: returns all connections; nothing is opened any more.
    std::shared_ptr<void> discard();

    /// What keeps waiters waiting: a step of a connection that is being opened, or else that all are in use.
    core::phase waited_for() const;
    /// What keeps it from opening more connections than there are: none, or a lack of descriptors.
    const boost::system::error_code& lack() const noexcept { return lack_; }
    std::size_t most() const noexcept { return state_.most(); }
    /// Any thread.
    connection_stats stats() const noexcept { return counters_.read(); }

private:
    struct slot;

    void opened(connection& which) override;
    void answered(connection& which) override;
    void open_failed(slot& of, core::outcome why, const std::string& detail);
    void serve(slot& from, core::pool_waiter* to);
    void due(core::instant now) override;
    void open_more();
    void open_one(const std::shared_ptr<connection::owner>& self, core::instant now);
    void give_up_opening(const boost::system::error_code& lack);
    void not_opened(const core::outcome& why, const std::string& detail);
    core::instant idles_since(const slot& which, core::instant now) const;
    void publish() noexcept;
    void close(core::pool_state::id which, std::string_view why);
    void close_discarded();
    template <class Make> void observe(Make make);

    asio::any_io_executor on_;
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
