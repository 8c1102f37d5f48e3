#pragma once

#include "async/context_watch.hpp"
#include "net/completion.hpp"
#include "net/connection_pool.hpp"
#include "net/guarded.hpp"
#include "net/known_secrets.hpp"
#include "net/timer_queue.hpp"

#include <doks/client.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/post.hpp>
#include <boost/intrusive/list.hpp>

#include <memory>
#include <optional>
#include <string>

namespace doks::net {

/// Where the API is, taken apart.
struct origin
{
    bool secure = true;
    endpoint where;
    std::string host_field; ///< as it goes into `Host`
    std::string base_path;  ///< without a slash at its end
    std::string text() const { return (secure ? "https://" : "http://") + host_field; }
};

/// The two doors to the outside world.
struct doors
{
    std::shared_ptr<clock> time = system_clock();
    std::shared_ptr<dialer> network = tcp_dialer(time);
};

/// A call that is under way, as far as its transport knows it.
class live_call : public boost::intrusive::list_base_hook<boost::intrusive::tag<class live_tag>>
{
public:
    /// On the client's strand; the call ends with this cause.
    virtual void cancel(boost::system::error_code why) = 0;
    /// The executor's context is being destroyed: the call goes without an outcome.
    virtual void abandon() = 0;
    virtual bool waits_for_quota() const noexcept = 0;
    /// What it waits for now; `answer` where that is not known.
    virtual core::phase whereabouts() const { return core::phase::answer; }

protected:
    ~live_call() = default;
};

/** A client's strand for threads that are not its context's: empty once client or context is gone.

    Whoever holds it keeps neither of them; what is posted must not own them either, for it may be dropped unrun here.
*/
using strand_door = guarded<std::optional<executor>>;

/// Runs the work on the strand; false where there is none any more.
template <class Work> bool post_through(strand_door& door, Work work)
{
    return door.with([&](const std::optional<executor>& there) {
        if (there) asio::post(*there, std::move(work));
        return there.has_value();
    });
}

/** What clients that were made from one another share: strand, clock, connections, observer; and who is under way.

    Threads: `strand`, `observe` and `drain` any; everything else on the strand.
*/
class transport final : public async::context_bound, public std::enable_shared_from_this<transport>
{
public:
    static std::shared_ptr<transport> make(
        asio::any_io_executor on, const client_config& config, const origin& api, const doors& outside);
    ~transport();

    const executor& strand() const noexcept { return strand_; }
    const asio::any_io_executor& user_executor() const noexcept { return home_.executor; }
    const handler_home& home() const noexcept { return home_; }
    timer_queue& timers() const noexcept { return *timers_; }
    const std::shared_ptr<timer_queue>& shared_timers() noexcept { return timers_; }
    connection_pool& pool() noexcept { return *pool_; }
    const client_timeouts& timeouts() const noexcept { return timeouts_; }
    /// Those of every account of this transport; any thread.
    const std::shared_ptr<known_secrets>& secrets() const noexcept { return secrets_; }

    void acquire(connection_pool::user& who);
    std::uint64_t next_call() noexcept { return ++last_call_; }

    bool observed() const noexcept { return static_cast<bool>(observer_); }
    void observe(event what);

    /// Any thread, at any time: runs it on the strand; false where the context of the client is gone or going.
    template <class Work> bool reach(Work work) { return post_through(*door_, std::move(work)); }
    const std::shared_ptr<strand_door>& door() const noexcept { return door_; }

    /// False while the client is being drained: the call must not begin.
    bool enlist(live_call& who);
    void dismiss(live_call& who);
    /// Any thread. From now on it hears when the context is being destroyed.
    void watch(std::weak_ptr<async::context_bound> who);
    void abandon() override;
    void drain(core::duration bound, asio::any_completion_handler<void()> handler);

private:
    struct drainage;

    transport(asio::any_io_executor on, const client_config& config, const origin& api, const doors& outside);
    void begin_drain(core::duration bound, completion<void()> who);
    void drained_if_empty();

    handler_home home_;
    executor strand_;
    executor observer_strand_;
    client_timeouts timeouts_;
    const std::shared_ptr<known_secrets> secrets_ = std::make_shared<known_secrets>();
    std::shared_ptr<const observer> observer_;
    std::shared_ptr<timer_queue> timers_;
    std::unique_ptr<connection_pool> pool_;
    std::uint64_t last_call_ = 0;
    const std::shared_ptr<strand_door> door_;

    boost::intrusive::list<live_call,
        boost::intrusive::base_hook<boost::intrusive::list_base_hook<boost::intrusive::tag<live_tag>>>>
        live_;
    std::unique_ptr<drainage> drainage_;
};

}
