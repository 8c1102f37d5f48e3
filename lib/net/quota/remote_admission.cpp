#include "net/quota/remote_admission.hpp"

#include <new>
#include <utility>

namespace doks::net {

std::shared_ptr<remote_admission> remote_admission::begin(std::shared_ptr<shared_transport> through,
    std::shared_ptr<token_context> whose, core::instant deadline, bool again, answer then)
{
    auto made =
        std::make_shared<remote_admission>(std::move(through), std::move(whose), deadline, again, std::move(then));
    if (!made->transport_->reach([made] { made->start(); })) made->turn_away(errc::draining);
    return made;
}

remote_admission::remote_admission(std::shared_ptr<shared_transport> through, std::shared_ptr<token_context> whose,
    core::instant deadline, bool again, answer then)
    : transport_(std::move(through))
    , token_(std::move(whose))
    , deadline_(deadline)
    , again_(again)
    , then_(std::move(then))
{}

/// One that is not over goes with its client's context. Its waiter may live on another one, so it is told.
remote_admission::~remote_admission()
{
    leave_current_state();
    if (then_) turn_away(errc::draining);
}

void remote_admission::start()
{
    if (state_ == state::over) return;
    if (!transport_->enlist(shared_from_this())) return turn_away(errc::draining);
    try {
        state_ = state::token;
        if (token_->ready(*this)) enter();
    } catch (const std::bad_alloc&) {
        if (state_ == state::over) throw;
        cancel(make_error_code(boost::system::errc::not_enough_memory));
    }
}

void remote_admission::turn_away(boost::system::error_code why)
{
    failure_record record;
    record.code = why;
    record.why = stop_reason::cancelled;
    state_ = state::over;
    std::exchange(then_, nullptr)({std::nullopt, failure(std::move(record))});
}

void remote_admission::token_ready(const failure& why)
{
    if (why.code()) return conclude({std::nullopt, why});
    enter();
}

void remote_admission::enter()
{
    state_ = state::parked;
    const auto free_at = token_->gate().enter(*this, {{priority::single, 0}, deadline_, again_});
    if (free_at) conclude({std::nullopt, failure(token_->gate().why_closed(*free_at))});
}

void remote_admission::admitted(permit permitted) { conclude({std::move(permitted), failure()}); }

void remote_admission::cancel()
{
    transport_->reach([self = shared_from_this()] {
        if (self->state_ == state::over) return;
        const bool begun = self->state_ != state::idle;
        self->leave_current_state();
        self->state_ = state::over;
        self->then_ = nullptr;
        if (begun) self->transport_->dismiss(*self);
    });
}

void remote_admission::cancel(boost::system::error_code why)
{
    leave_current_state();
    turn_away(why);
    const auto last = transport_->dismiss(*this);
}

void remote_admission::leave_current_state()
{
    if (state_ == state::token) token_->withdraw(*this);
    if (state_ == state::parked) token_->gate().leave(*this);
}

void remote_admission::conclude(admission_outcome outcome)
{
    state_ = state::over;
    std::exchange(then_, nullptr)(std::move(outcome));
    const auto last = transport_->dismiss(*this);
}

void settle_elsewhere(const std::shared_ptr<shared_transport>& through, const std::shared_ptr<token_context>& whose,
    permit permitted, const core::outcome& ended, double unit)
{
    const auto& timers = through->timers();
    std::move(permitted).settle(ended, {timers.now(), timers.time().wall_now(), unit});
    through->reach([whose] { whose->gate().pump(); });
}

}
