#include "async/timer_queue.hpp"

#include <new>

namespace doks::async {

timer_queue::timer_queue(executor on, std::shared_ptr<clock> time)
    : on_(std::move(on))
    , time_(std::move(time))
{}

void timer_queue::set(core::timer& which, core::instant at)
{
    heap_.set(which, at);
    arm_for_next();
}

void timer_queue::clear(core::timer& which) noexcept
{
    if (!which.armed()) return;
    heap_.clear(which);
    if (!heap_.empty() || armed_ == core::never) return;
    const auto soon = now() + linger;
    try {
        if (soon < armed_) arm(soon);
    } catch (const std::bad_alloc&) {
        // With no deadline left nothing has to ring.
    }
}

void timer_queue::arm(core::instant at)
{
    if (!alarm_)
        alarm_ = time_->make_alarm(on_, [watched = weak_from_this()] {
            if (const auto self = watched.lock()) self->ring();
        });
    armed_ = core::never; // where the alarm cannot be set there is none
    alarm_->set(at);
    armed_ = at;
}

/// Out of memory in what is due does not keep the other timers from being due.
void timer_queue::ring()
{
    armed_ = core::never;
    try {
        heap_.run(now());
    } catch (const std::bad_alloc&) {
        arm_for_next();
        throw;
    }
    arm_for_next();
}

void timer_queue::arm_for_next()
{
    if (heap_.next() < armed_) arm(heap_.next());
}

}
