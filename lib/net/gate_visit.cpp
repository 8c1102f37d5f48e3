#include "net/gate_visit.hpp"

#include <utility>

namespace doks::net {

std::shared_ptr<gate_visit> gate_visit::begin(
    std::shared_ptr<transport> through, std::shared_ptr<account> whose, core::instant deadline, bool again, answer then)
{
    auto made = std::make_shared<gate_visit>(std::move(through), std::move(whose), deadline, again, std::move(then));
    if (!made->transport_->reach([made] { made->start(); })) made->turn_away(errc::draining);
    return made;
}

gate_visit::gate_visit(
    std::shared_ptr<transport> through, std::shared_ptr<account> whose, core::instant deadline, bool again, answer then)
    : transport_(std::move(through))
    , account_(std::move(whose))
    , deadline_(deadline)
    , again_(again)
    , then_(std::move(then))
{}

/// One that is not over goes with its client's context. Its waiter may live on another one, so it is told.
gate_visit::~gate_visit()
{
    leave_current_state();
    if (then_) turn_away(errc::draining);
}

void gate_visit::start()
{
    if (state_ == state::over) return;
    if (!transport_->enlist(shared_from_this())) return turn_away(errc::draining);
    state_ = state::token;
    if (account_->ready(*this)) enter();
}

void gate_visit::turn_away(boost::system::error_code why)
{
    failure_record record;
    record.code = why;
    record.why = stop_reason::cancelled;
    state_ = state::over;
    std::exchange(then_, nullptr)({std::nullopt, failure(std::move(record))});
}

void gate_visit::token_ready(const failure& why)
{
    if (why.code()) return conclude({std::nullopt, why});
    enter();
}

void gate_visit::enter()
{
    state_ = state::parked;
    const auto free_at = account_->gate().enter(*this, {{lane::single, 0}, deadline_, again_});
    if (free_at) conclude({std::nullopt, failure(account_->gate().why_closed(*free_at))});
}

void gate_visit::admitted(admission right) { conclude({std::move(right), failure()}); }

void gate_visit::cancel()
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

void gate_visit::cancel(boost::system::error_code why)
{
    leave_current_state();
    turn_away(why);
    const auto last = transport_->dismiss(*this);
}

void gate_visit::leave_current_state()
{
    if (state_ == state::token) account_->withdraw(*this);
    if (state_ == state::parked) account_->gate().leave(*this);
}

void gate_visit::conclude(visit_outcome outcome)
{
    state_ = state::over;
    std::exchange(then_, nullptr)(std::move(outcome));
    const auto last = transport_->dismiss(*this);
}

void settle_elsewhere(const std::shared_ptr<transport>& through, const std::shared_ptr<account>& whose, admission right,
    const core::outcome& ended, double unit)
{
    const auto& timers = through->timers();
    std::move(right).settle(ended, {timers.now(), timers.time().wall_now(), unit});
    through->reach([whose] { whose->gate().pump(); });
}

}
