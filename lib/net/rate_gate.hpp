#pragma once

#include "net/limiter_registry.hpp"
#include "net/timer_queue.hpp"

#include <boost/intrusive/list.hpp>

#include <memory>
#include <optional>

namespace doks::net {

/// Who waits first: single calls go before bulks.
enum class lane
{
    single,
    bulk
};

/// The right to send one request, and the limiter that gave it.
struct admission
{
    std::shared_ptr<shared_limiter> from;
    core::rate_limiter::ticket ticket;
};

/** Holds requests back until their token's quota has a slot for them; on the client's strand.

    First in, first out within a lane. Whoever waits holds no connection and uses up no attempt. One timer wakes the gate
    when the limiter expects a free slot; every settled request wakes it too.
*/
class rate_gate final : private core::timer
{
public:
    struct gate_tag;
    /// Somebody at the gate.
    class guest : public boost::intrusive::list_base_hook<boost::intrusive::tag<gate_tag>>
    {
    public:
        virtual void admitted(admission right) = 0;

    protected:
        ~guest() = default;
    };

    struct terms
    {
        net::lane lane = lane::single;
        std::size_t leave = 0; ///< slots of the shortest window that stay untouched
        core::instant deadline = core::never;
        bool again = false; ///< it was admitted before: goes to the front of its lane
    };

    explicit rate_gate(std::shared_ptr<timer_queue> timers)
        : timers_(std::move(timers))
    {}
    ~rate_gate() override { timers_->clear(*this); }

    /// From now on this limiter decides: the token has changed.
    void use(std::shared_ptr<shared_limiter> limiter);

    /** Admits the guest, from within this call or later.

        Returns when a slot is free where that is later than the deadline; the guest is not kept then.
    */
    std::optional<core::instant> enter(guest& who, const terms& on);
    /// The guest goes away unadmitted.
    void leave(guest& who, lane from);
    /// Something was settled: whoever can go goes.
    void pump();

    /// When the next slot is free, as far as is known.
    core::instant next_slot() const;
    std::size_t waiting() const noexcept { return single_.size() + bulk_.size(); }

private:
    using queue = boost::intrusive::list<guest,
        boost::intrusive::base_hook<boost::intrusive::list_base_hook<boost::intrusive::tag<gate_tag>>>>;

    void due(core::instant) override { pump(); }
    std::optional<admission> reserve(lane from);
    bool admit_first(queue& from, lane which);
    void sleep();

    std::shared_ptr<timer_queue> timers_;
    std::shared_ptr<shared_limiter> limiter_;
    queue single_;
    queue bulk_;
    std::size_t leave_ = 0;
    bool pumping_ = false;
};

}
