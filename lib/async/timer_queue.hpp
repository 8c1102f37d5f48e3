#pragma once

#include "async/clock.hpp"
#include "core/timer_heap.hpp"

#include <memory>

namespace doks::async {

/** All deadlines of a client behind one armed timer, on the client's strand.

    The alarm is moved earlier when need be and otherwise left to ring in vain: moving it for each call would cost two
    system calls a request. With no deadline left it rings once more, soon, and is not set again: so an idle client holds no
    work, and a loop of calls moves the alarm now and then instead of at each call.
*/
class timer_queue : public std::enable_shared_from_this<timer_queue>
{
public:
    timer_queue(executor on, std::shared_ptr<clock> time);

    core::instant now() const { return time_->steady_now(); }
    const clock& time() const noexcept { return *time_; }
    const std::shared_ptr<clock>& shared_time() const noexcept { return time_; }

    void set(core::timer& which, core::instant at);
    void clear(core::timer& which) noexcept;

private:
    static constexpr auto linger = std::chrono::milliseconds(20);

    void ring();
    void arm(core::instant at);
    void arm_for_next();

    executor on_;
    std::shared_ptr<clock> time_;
    core::timer_heap heap_;
    std::unique_ptr<alarm> alarm_;
    core::instant armed_ = core::never;
};

}
