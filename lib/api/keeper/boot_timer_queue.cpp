#include "api/keeper/boot_timer_queue.hpp"

#include <algorithm>
#include <new>

namespace doks::api {

void boot_timer_queue::set(core::timer& timed, core::instant at)
{
    heap_.set(timed, at);
    arm();
}

void boot_timer_queue::clear(core::timer& timed)
{
    heap_.clear(timed);
    arm();
}

void boot_timer_queue::due(core::instant)
{
    try {
        heap_.run(now());
    } catch (const std::bad_alloc&) {
        arm(); // the others are due all the same
        throw;
    }
    arm();
}

void boot_timer_queue::arm()
{
    constexpr core::duration longest_wait = std::chrono::minutes(1);
    if (heap_.empty()) return timers_->clear(*this);
    const auto wait = (std::min)(heap_.next() - now(), longest_wait);
    timers_->set(*this, timers_->now() + (std::max)(wait, core::duration::zero()));
}

}
