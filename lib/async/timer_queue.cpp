#include "async/timer_queue.hpp"

namespace doks::async {

timer_queue::timer_queue(executor on, std::shared_ptr<clock> time)
    : on_(std::move(on))
    , time_(std::move(time))
{}

void timer_queue::set(core::timer& which, core::instant at)
{
    heap_.set(which, at);
    if (heap_.next() < armed_) arm(heap_.next());
}

void timer_queue::clear(core::timer& which) noexcept
{
    if (!which.armed()) return;
    heap_.clear(which);
    if (!heap_.empty() || armed_ == core::never) return;
    const auto soon = now() + linger;
    if (soon < armed_) arm(soon);
}

void timer_queue::arm(core::instant at)
{
    if (!alarm_)
        alarm_ = time_->make_alarm(on_, [watched = weak_from_this()] {
            if (const auto self = watched.lock()) self->ring();
        });
    alarm_->set(at);
    armed_ = at;
}

void timer_queue::ring()
{
    armed_ = core::never;
    heap_.run(now());
    if (heap_.next() < armed_) arm(heap_.next());
}

}
