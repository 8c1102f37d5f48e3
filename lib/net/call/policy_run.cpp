#include "net/call/policy_run.hpp"

#include "async/random.hpp"
#include "net/call/classify_exception.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <utility>

namespace doks::net {

using boost::system::error_code;

void policy_run::start(layers all, std::size_t segment, work call, handler done, const asio::any_io_executor& executor)
{
    const auto made = std::make_shared<policy_run>(std::move(all), segment, std::move(call), std::move(done), executor);
    made->done_.keep(made);
    made->done_.on_cancel([weak = std::weak_ptr<policy_run>(made)] {
        const auto alive = weak.lock();
        if (alive) asio::post(alive->strand_, [alive] { alive->cancel(); });
    });
    asio::post(made->strand_, [made] { made->begin(); });
}

policy_run::policy_run(layers all, std::size_t segment, work call, handler done, const asio::any_io_executor& executor)
    : layers_(std::move(all))
    , index_(segment)
    , work_(std::move(call))
    , strand_(async::inner_executor(executor))
    , timers_(std::make_shared<async::timer_queue>(strand_, layers_->time))
    , done_(std::move(done), executor)
{}

/// A run that is not over is destroyed with its context. It may wait at a gate of another context, and leaves that.
policy_run::~policy_run()
{
    link_->with([](policy_run*& run) { run = nullptr; });
    leave_gate();
    timers_->clear(*this);
}

void policy_run::begin()
{
    retry_ = core::retry_loop(segment().policy, timers_->now());
    enter_gate(false);
}

void policy_run::enter_gate(bool again)
{
    const auto& gate = segment().gate;
    if (!gate.token) return make_attempt();
    state_ = state::gate;
    if (retry_.deadline() != core::never) timers_->set(*this, retry_.deadline());
    const auto number = ++admissions_;
    admission_ = remote_admission::begin(gate.transport, gate.token, retry_.deadline(), again,
        [to = link_, number, gate](admission_outcome outcome) { forward(to, number, gate, std::move(outcome)); });
}

/// On a thread of the gate's context: posts the outcome to the run. A permit that reaches no run is given back unused.
void policy_run::forward(
    const std::shared_ptr<link>& to, std::uint64_t admission, const impl::gate_of& gate, admission_outcome outcome)
{
    const bool posted = to->with([&](policy_run* run) {
        return run != nullptr && run->done_.if_pending([&] {
            asio::post(
                run->strand_, [self = run->shared_from_this(), admission, outcome = std::move(outcome)]() mutable {
                    self->on_admission(admission, std::move(outcome));
                });
        });
    });
    if (!posted && outcome.permit)
        settle_elsewhere(gate.transport, gate.token, std::move(*outcome.permit), core::outcome(), 0);
}

/// The outcome may be late: after the deadline, a cancellation, or for an earlier admission. Its permit is given back then.
void policy_run::on_admission(std::uint64_t admission, admission_outcome outcome)
{
    const bool awaited = state_ == state::gate && admission == admissions_ && admission_;
    const bool in_time = awaited && timers_->now() < retry_.deadline();
    if (outcome.permit && !in_time)
        settle_elsewhere(
            segment().gate.transport, segment().gate.token, std::move(*outcome.permit), core::outcome(), 0);
    if (!awaited) return;
    admission_.reset();
    if (outcome.permit) {
        if (!in_time) return due(timers_->now());
        permit_.emplace(std::move(*outcome.permit));
        return make_attempt();
    }
    const auto& record = outcome.error.record();
    finish_with(record, record.why, record.layer);
}

void policy_run::leave_gate()
{
    if (const auto admission = std::exchange(admission_, nullptr)) admission->cancel();
}

void policy_run::make_attempt()
{
    state_ = state::attempt;
    cancelled_by_ = cancelled_by::none;
    retry_.admitted(timers_->now());
    if (retry_.attempt_bound() != core::never) timers_->set(*this, retry_.attempt_bound());
    signal_.emplace();
    // Posted, not called: `attempt_ended` destroys the signal, which must outlive the coroutine that it can cancel.
    auto ended = [self = shared_from_this()](std::exception_ptr thrown, error_code cause) {
        asio::post(self->strand_,
            [self, thrown = std::move(thrown), cause]() mutable { self->attempt_ended(std::move(thrown), cause); });
    };
    asio::co_spawn(strand_, work_->attempt(),
        asio::bind_cancellation_slot(signal_->slot(), asio::bind_executor(strand_, std::move(ended))));
}

void policy_run::attempt_ended(std::exception_ptr thrown, error_code cause)
{
    if (state_ != state::attempt) return;
    timers_->clear(*this);
    signal_.reset();
    thrown_ = std::move(thrown);
    cause_ = cause;
    const auto outcome = outcome_of_attempt();
    settle(outcome);
    if (!outcome.cause) {
        decide(outcome); // the success pays into the budget
        return finish(nullptr, {});
    }
    if (cancelled_by_ == cancelled_by::caller) return finish(std::move(thrown_), cause_);
    if (cancelled_by_ == cancelled_by::deadline) return finish_with_last(stop_reason::deadline);
    const auto next = decide(outcome);
    last_cause_ = outcome.cause;
    if (next.verdict == core::verdict::stop) return finish_with_last(next.why);
    if (next.verdict == core::verdict::wait_for_quota) return enter_gate(true);
    state_ = state::backoff;
    timers_->set(*this, core::later(timers_->now(), next.delay));
}

core::outcome policy_run::outcome_of_attempt() const
{
    const auto failed = thrown_ ? std::nullopt : work_->failed();
    core::outcome outcome = thrown_ ? classify(thrown_) : classify(cause_, failed ? &*failed : nullptr);
    outcome.sent = true;
    if (!outcome.cause) outcome.status = 200;
    // A 429 waits for quota only if the segment has a gate; else it is a failure like others.
    const bool refused = outcome.cause == http_error(429) && segment().gate.token;
    if (refused) outcome.status = 429;
    if (outcome.cause && cancelled_by_ != cancelled_by::none) outcome.cause = errc::timed_out;
    return outcome;
}

core::decision policy_run::decide(const core::outcome& outcome)
{
    const auto now = timers_->now();
    const double unit = async::random_unit();
    if (segment().budget)
        return segment().budget->with([&](auto& budget) { return retry_.ended(outcome, budget, now, unit); });
    core::retry_budget unshared; // full, so that it never stops this call
    return retry_.ended(outcome, unshared, now, unit);
}

/// An HTTP error of the user's call is a response: the limiter has to know its status.
void policy_run::settle(const core::outcome& outcome)
{
    if (!permit_) return;
    auto reported = outcome;
    if (reported.status == 0 && reported.cause.category() == http_category())
        reported.status = static_cast<unsigned>(reported.cause.value());
    const auto& gate = segment().gate;
    settle_elsewhere(gate.transport, gate.token, std::move(*permit_), reported, async::random_unit());
    permit_.reset();
}

void policy_run::due(core::instant now)
{
    const bool late = now >= retry_.deadline();
    switch (state_) {
    case state::backoff:
        return late ? finish_with_last(stop_reason::deadline) : enter_gate(false);
    case state::gate: {
        leave_gate();
        const auto& gate = segment().gate.token->gate();
        auto record = gate.why_closed(gate.state().next_slot.value_or(now));
        return finish_with(std::move(record), stop_reason::deadline, "rate_limited");
    }
    case state::attempt:
        if (cancelled_by_ != cancelled_by::none) return;
        cancelled_by_ = late ? cancelled_by::deadline : cancelled_by::attempt_timeout;
        return signal_->emit(asio::cancellation_type::terminal);
    default:
        return;
    }
}

void policy_run::cancel()
{
    if (state_ == state::over) return;
    if (state_ == state::attempt) {
        const bool first = std::exchange(cancelled_by_, cancelled_by::caller) == cancelled_by::none;
        if (first) signal_->emit(asio::cancellation_type::terminal);
        return;
    }
    leave_gate();
    failure_record record;
    record.code = asio::error::operation_aborted;
    finish_with(std::move(record), stop_reason::cancelled, "");
}

/// The attempt's exception or error unchanged; if a timeout cancelled it, a failure that names the layer.
void policy_run::finish_with_last(stop_reason why)
{
    if (cancelled_by_ == cancelled_by::none) return finish(std::move(thrown_), cause_);
    failure_record record;
    record.code = errc::timed_out;
    record.phase = "attempt";
    const auto layer = core::layer_that_stops(why, record.code, segment().policy);
    finish_with(std::move(record), why, layer);
}

void policy_run::finish_with(failure_record record, stop_reason why, std::string_view layer)
{
    record.why = why;
    record.layer = layer;
    if (last_cause_ != record.code) record.last_cause = last_cause_;
    if (record.operation.empty()) record.operation = "a call under a policy";
    // An attempt that the deadline cancelled was not decided on, so it is not counted yet.
    const unsigned uncounted = cancelled_by_ == cancelled_by::deadline ? 1 : 0;
    record.info.attempts = retry_.attempts() + uncounted;
    record.info.resends = retry_.resends();
    record.info.elapsed = state_ == state::idle ? core::duration::zero() : timers_->now() - retry_.started();
    const failure error(std::move(record));
    if (work_->fail(error)) return finish(nullptr, error.code());
    finish(std::make_exception_ptr(error), {});
}

void policy_run::finish(std::exception_ptr thrown, error_code cause)
{
    state_ = state::over;
    timers_->clear(*this);
    link_->with([](policy_run*& run) { run = nullptr; });
    done_.finish([thrown = std::move(thrown), cause]() mutable {
        return std::tuple<std::exception_ptr, error_code>(std::move(thrown), cause);
    });
}

}
