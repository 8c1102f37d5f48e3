#pragma once

#include "async/timer_queue.hpp"
#include "core/timer_heap.hpp"

#include <memory>

namespace doks::api {

/** Timers by the boot clock, which counts the time that the machine sleeps.

    One timer of the steady clock drives them. That clock stops while the machine sleeps, so the queue looks at the boot
    clock at least every minute.
    Threads: the strand of the timer queue.
*/
class boot_timer_queue final : private core::timer
{
public:
    explicit boot_timer_queue(std::shared_ptr<async::timer_queue> timers)
        : timers_(std::move(timers))
    {}
    ~boot_timer_queue() override { timers_->clear(*this); }

    core::instant now() const { return timers_->time().boot_now(); }
    void set(core::timer& timed, core::instant at);
    void clear(core::timer& timed);

private:
    void due(core::instant now) override;
    void arm();

    std::shared_ptr<async::timer_queue> timers_;
    core::timer_heap heap_;
};

}
