#pragma once

#include "async/timer_queue.hpp"
#include "net/quota/limiter_registry.hpp"

#include <doks/failure.hpp>

#include <boost/intrusive/list.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace doks::net {

using core::priority;

/** The right to send one request, and the limiter that gave it.

    Moved, not copied. One that goes away unsettled counts as lost, for the limiter outlives contexts that die with requests
    under way.
*/
class permit
{
public:
    permit(std::shared_ptr<shared_limiter> from, const core::rate_limiter::ticket& ticket) noexcept
        : from_(std::move(from))
        , ticket_(ticket)
    {}
    permit(permit&&) noexcept = default;
    permit& operator=(permit&&) = delete;
    ~permit();

    bool is_good() const;
    /// Tells the limiter how the request ended; any thread. Whoever waits at a gate has to be looked at afterwards.
    void settle(const core::outcome& ended, const core::rate_limiter::arrival& at) &&;

private:
    std::shared_ptr<shared_limiter> from_;
    core::rate_limiter::ticket ticket_;
};

/** Holds requests back until their token's quota has a slot for them; on the client's strand.

    First in, first out within a lane. Whoever waits holds no connection and uses up no attempt. One timer wakes the gate
    when the limiter expects a free slot; every settled request wakes it too.
*/
class rate_gate final : private core::timer
{
public:
    struct gate_tag;

    struct terms
    {
        core::rate_limiter::terms slot;
        core::instant deadline = core::never;
        bool again = false; ///< it was admitted before: goes to the front of its lane
    };

    /// Somebody at the gate.
    class waiter : public boost::intrusive::list_base_hook<boost::intrusive::tag<gate_tag>>
    {
    public:
        virtual void admitted(permit permitted) = 0;

    protected:
        ~waiter() = default;

    private:
        friend class rate_gate;
        core::rate_limiter::terms slot_;
    };

    rate_gate(std::shared_ptr<async::timer_queue> timers, std::vector<rate_window> windows)
        : timers_(std::move(timers))
        , windows_(std::move(windows))
    {}
    ~rate_gate() override { timers_->clear(*this); }

    /// From now on this limiter decides: the token has changed.
    void use(std::shared_ptr<shared_limiter> limiter);

    /** Admits the guest, from within this call or later.

        Returns when a slot is free where that is later than the deadline; the guest is not kept then.
    */
    std::optional<core::instant> enter(waiter& who, const terms& on);
    /// The guest goes away unadmitted.
    void leave(waiter& who);
    /// Something was settled: whoever can go goes.
    void pump();

    /// When the next slot is free for whoever is first, as far as is known.
    core::instant next_slot() const;
    std::size_t waiting() const noexcept { return parked_; }
    /// Any thread.
    rate_limit_state state() const;
    /// When a bulk could have sent so many further requests; any thread.
    core::instant estimate(std::size_t requests) const;
    /// Why there is no slot before `free_at`: who has them.
    failure_record why_closed(core::instant free_at) const;

private:
    using queue = boost::intrusive::list<waiter,
        boost::intrusive::base_hook<boost::intrusive::list_base_hook<boost::intrusive::tag<gate_tag>>>>;

    void due(core::instant) override { pump(); }
    queue& line_of(const waiter& who) { return who.slot_.priority == priority::single ? single_ : bulk_; }
    bool admit_first(queue& from);
    std::shared_ptr<shared_limiter> shown() const;
    void sleep();

    std::shared_ptr<async::timer_queue> timers_;
    const std::vector<rate_window> windows_;
    std::shared_ptr<shared_limiter> limiter_;
    queue single_;
    queue bulk_;
    bool pumping_ = false;

    mutable std::mutex shown_mutex_;
    std::shared_ptr<shared_limiter> shown_; ///< `limiter_`, for readers of other threads
    std::atomic<std::size_t> parked_{0};
};

}
