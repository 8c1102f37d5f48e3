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

/** The right to send one request, and the limiter that gave it; moved, not copied.

    A permit that is destroyed unsettled counts as lost: the limiter outlives contexts that are destroyed with requests under
    way, and has to assume that the API counted them.
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

    /// False once a 429 has closed the limiter after this permit was given.
    bool is_good() const;
    /// Tells the limiter how the request ended; any thread. Call `pump` of the gate afterwards.
    void settle(const core::outcome& outcome, const core::rate_limiter::arrival& at) &&;

private:
    std::shared_ptr<shared_limiter> from_;
    core::rate_limiter::ticket ticket_;
};

/** Holds requests back until their token's quota has a slot for them; on the client's strand. A token_context owns it.

    It serves single calls before bulk ones, and within a priority first in, first out. A waiter holds no connection and uses
    no attempt. One timer wakes the gate when the limiter expects a free slot; every settled request wakes it, too. The
    limiter decides; gates of several clients, on several strands, share it.

    | a waiter is | entered by                                     | left by                                           |
    |-------------|------------------------------------------------|---------------------------------------------------|
    | parked      | enter, if a slot is expected in time           | admitted, from within enter or pump; leave        |
    | admitted    | pump: the limiter gave a permit                | nothing: the gate does not know it any more       |
    | turned away | enter, if no slot is expected by its deadline  | nothing                                           |
*/
class rate_gate final : private core::timer
{
public:
    struct gate_tag;

    struct terms
    {
        core::rate_limiter::terms slot;
        core::instant deadline = core::never;
        bool again = false; ///< it was admitted before: goes to the front of its queue
    };

    /// Waits for a permit.
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

    /** Admits the waiter, from within this call or later.

        @return the time of the next free slot if that is later than the deadline: the waiter is turned away then
    */
    std::optional<core::instant> enter(waiter& entering, const terms& conditions);
    /// The waiter does not wait any more.
    void leave(waiter& leaving);
    /// Admits every waiter for which there is a slot. Call it after a request was settled.
    void pump();

    /// When the next slot is free for the first waiter, as far as is known.
    core::instant next_slot() const;
    std::size_t waiting() const noexcept { return parked_; }
    /// Any thread.
    rate_limit_state state() const;
    /// When a bulk could have sent this many further requests; any thread.
    core::instant estimate(std::size_t requests) const;
    /// Why there is no slot before `free_at`: the users of the slots.
    failure_record why_closed(core::instant free_at) const;

private:
    using queue = boost::intrusive::list<waiter,
        boost::intrusive::base_hook<boost::intrusive::list_base_hook<boost::intrusive::tag<gate_tag>>>>;

    void due(core::instant) override { pump(); }
    queue& queue_of(const waiter& parked) { return parked.slot_.priority == priority::single ? single_ : bulk_; }
    bool admit_first(queue& waiting);
    std::shared_ptr<shared_limiter> shown() const;
    void sleep();

    std::shared_ptr<async::timer_queue> timers_;
    const std::vector<rate_window> windows_;
    std::shared_ptr<shared_limiter> limiter_;
    queue single_;
    queue bulk_;
    bool pumping_ = false; ///< `admitted` may enter, leave or pump again

    mutable std::mutex shown_mutex_;
    std::shared_ptr<shared_limiter> shown_; ///< `limiter_`, for readers of other threads
    std::atomic<std::size_t> parked_{0};
};

}
