#pragma once

#include "async/completion.hpp"
#include "async/timer_queue.hpp"
#include "async/weak_strand.hpp"
#include "net/known_secrets.hpp"
#include "net/pool/connection_pool.hpp"

#include <doks/client.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/post.hpp>
#include <boost/intrusive/list.hpp>

#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

namespace doks::net {

/// The API's URL, parsed.
struct origin
{
    bool secure = true;
    endpoint where;
    std::string host_field; ///< the value of `Host`
    std::string base_path;  ///< without a slash at its end
    std::string text() const { return (secure ? "https://" : "http://") + host_field; }
};

/// Time and network. Tests bring their own.
struct io_backends
{
    std::shared_ptr<async::clock> time = async::system_clock();
    std::shared_ptr<dialer> network = tcp_dialer(time);
};

/// Something under way that a drain cancels: a call, an operation, a wait at a gate. On the client's strand. The transport's
/// list owns it until it is dismissed.
class pending_operation : public boost::intrusive::list_base_hook<boost::intrusive::tag<class pending_tag>>
{
public:
    virtual ~pending_operation() = default;

    /// The operation ends with this cause.
    virtual void cancel(boost::system::error_code why) = 0;
    virtual bool waits_for_quota() const noexcept = 0;
    /// What it waits for now; `response` if that is not known.
    virtual core::phase whereabouts() const { return core::phase::response; }

private:
    friend class shared_transport;
    std::shared_ptr<pending_operation> self_;
};

/// A request that is ready to be sent.
class pending_request : public pending_operation
{
public:
    virtual void start() = 0;
};

/** Shared by clients that were made from one another: strand, clock, connections, observer, and the list of pending operations.

    Clients, calls and operations own it; it owns the pool, and its list owns the operations. Only `async/shutdown` breaks that
    cycle when the context is destroyed (`discard`). `strand`, `observe` and `drain` may be called from any thread, everything
    else on the strand.
*/
class shared_transport final : private async::discardable, public std::enable_shared_from_this<shared_transport>
{
public:
    static std::shared_ptr<shared_transport> make(
        asio::any_io_executor executor, const client_config& config, const origin& api, const io_backends& backends);
    ~shared_transport();

    const async::executor& strand() const noexcept { return strand_; }
    const asio::any_io_executor& user_executor() const noexcept { return home_.executor; }
    const async::handler_home& home() const noexcept { return home_; }
    async::timer_queue& timers() const noexcept { return *timers_; }
    const std::shared_ptr<async::timer_queue>& shared_timers() noexcept { return timers_; }
    connection_pool& pool() noexcept { return *pool_; }
    const client_timeouts& timeouts() const noexcept { return timeouts_; }
    /// The secrets of every token of this transport; any thread.
    const std::shared_ptr<known_secrets>& secrets() const noexcept { return secrets_; }

    void acquire(connection_pool::user& waiter);
    std::uint64_t next_call() noexcept { return ++last_call_; }

    /// Tells the observer, if there is one, of the event that `make` returns; out of memory the event is not told.
    template <class Make> void observe(Make make)
    {
        if (!observer_) return;
        try {
            tell(make());
        } catch (const std::bad_alloc&) {
            // The request that the event is about goes on.
        }
    }

    /// Any thread, at any time: runs it on the strand; false if the client's context is destroyed or being destroyed.
    template <class Work> bool reach(Work work) { return weak_strand_->post(std::move(work)); }
    const std::shared_ptr<async::weak_strand>& weak_strand() const noexcept { return weak_strand_; }

    /// Owns the operation until it is dismissed. False while the client is being drained: it must not begin.
    bool enlist(std::shared_ptr<pending_operation> operation);
    /// Returns what may be the last reference to it, for the caller to hold until it is done.
    std::shared_ptr<pending_operation> dismiss(pending_operation& operation);
    void drain(core::duration bound, asio::any_completion_handler<void()> handler);

private:
    struct drainage;

    shared_transport(
        asio::any_io_executor executor, const client_config& config, const origin& api, const io_backends& backends);
    std::shared_ptr<void> discard() override;
    void tell(event happened);
    void begin_drain(core::duration bound, std::unique_ptr<async::completion<void()>> handler);
    std::vector<std::shared_ptr<pending_operation>> pending() const;
    void drained_if_empty();

    async::handler_home home_;
    async::executor strand_;
    async::executor observer_strand_;
    client_timeouts timeouts_;
    const std::shared_ptr<known_secrets> secrets_ = std::make_shared<known_secrets>();
    std::shared_ptr<const observer> observer_;
    std::shared_ptr<async::timer_queue> timers_;
    std::unique_ptr<connection_pool> pool_;
    std::uint64_t last_call_ = 0;
    const std::shared_ptr<async::weak_strand> weak_strand_;

    boost::intrusive::list<pending_operation,
        boost::intrusive::base_hook<boost::intrusive::list_base_hook<boost::intrusive::tag<pending_tag>>>>
        pending_;
    std::unique_ptr<drainage> drainage_;
};

}
