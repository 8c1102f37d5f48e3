#include "net/quota/remote_admission.hpp"

#include <new>
#include <utility>

namespace doks::net {

std::shared_ptr<remote_admission> remote_admission::begin(std::shared_ptr<shared_transport> transport,
    std::shared_ptr<token_context> token, core::instant deadline, bool again, handler done)
{
    auto made =
        std::make_shared<remote_admission>(std::move(transport), std::move(token), deadline, again, std::move(done));
    if (!made->transport_->reach([made] { made->start(); })) made->turn_away(errc::draining);
    return made;
}

remote_admission::remote_admission(std::shared_ptr<shared_transport> transport, std::shared_ptr<token_context> token,
    core::instant deadline, bool again, handler done)
    : transport_(std::move(transport))
    , token_(std::move(token))
    , deadline_(deadline)
    , again_(again)
    , done_(std::move(done))
{}

/// Destroyed with the client's context before it is over. Its caller may be on another context, so it is told.
remote_admission::~remote_admission()
{
    leave_current_state();
    if (done_) turn_away(errc::draining);
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
    std::exchange(done_, nullptr)({std::nullopt, failure(std::move(record))});
}

void remote_admission::token_ready(const failure& error)
{
    if (error.code()) return conclude({std::nullopt, error});
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
        self->done_ = nullptr;
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
    std::exchange(done_, nullptr)(std::move(outcome));
    const auto last = transport_->dismiss(*this);
}

void settle_elsewhere(const std::shared_ptr<shared_transport>& transport, const std::shared_ptr<token_context>& token,
    permit permitted, const core::outcome& outcome, double unit)
{
    const auto& timers = transport->timers();
    std::move(permitted).settle(outcome, {timers.now(), timers.time().wall_now(), unit});
    transport->reach([token] { token->gate().pump(); });
}

}
