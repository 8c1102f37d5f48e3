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

void policy_run::start(layers of, std::size_t segment, work what, handler who, const asio::any_io_executor& on)
{
    const auto made = std::make_shared<policy_run>(std::move(of), segment, std::move(what), std::move(who), on);
    made->done_.keep(made);
    made->done_.on_cancel([weak = std::weak_ptr<policy_run>(made)] {
        const auto alive = weak.lock();
        if (alive) asio::post(alive->strand_, [alive] { alive->cancel(); });
    });
    asio::post(made->strand_, [made] { made->begin(); });
}

policy_run::policy_run(layers of, std::size_t segment, work what, handler who, const asio::any_io_executor& on)
    : layers_(std::move(of))
    , index_(segment)
    , what_(std::move(what))
    , strand_(async::inner_executor(on))
    , timers_(std::make_shared<async::timer_queue>(strand_, layers_->time))
    , done_(std::move(who), on)
{}

/// One that is not over goes with its context. If it waits at a client's gate on another one, it leaves it.
policy_run::~policy_run()
{
    link_->with([](policy_run*& run) { run = nullptr; });
    end_visit();
    timers_->clear(*this);
}

void policy_run::begin()
{
    retry_ = core::retry_loop(segment().policy, timers_->now());
    seek_admission(false);
}

void policy_run::seek_admission(bool again)
{
    const auto& gate = segment().gate;
    if (!gate.token) return make_attempt();
    state_ = state::gate;
    if (retry_.deadline() != core::never) timers_->set(*this, retry_.deadline());
    const auto visit = ++visits_;
    visit_ = remote_admission::begin(gate.transport, gate.token, retry_.deadline(), again,
        [to = link_, visit, gate](admission_outcome outcome) { answer(to, visit, gate, std::move(outcome)); });
}

/// On a thread of the gate's context.
void policy_run::answer(
    const std::shared_ptr<link>& to, std::uint64_t visit, const impl::gate_of& gate, admission_outcome outcome)
{
    const bool heard = to->with([&](policy_run* run) {
        return run != nullptr && run->done_.if_pending([&] {
            asio::post(run->strand_, [self = run->shared_from_this(), visit, outcome = std::move(outcome)]() mutable {
                self->visited(visit, std::move(outcome));
            });
        });
    });
    if (!heard && outcome.permit)
        settle_elsewhere(gate.transport, gate.token, std::move(*outcome.permit), core::outcome(), 0);
}

void policy_run::visited(std::uint64_t visit, admission_outcome outcome)
{
    const bool awaited = state_ == state::gate && visit == visits_ && visit_;
    const bool in_time = awaited && timers_->now() < retry_.deadline();
    if (outcome.permit && !in_time)
        settle_elsewhere(
            segment().gate.transport, segment().gate.token, std::move(*outcome.permit), core::outcome(), 0);
    if (!awaited) return;
    visit_.reset();
    if (outcome.permit) {
        if (!in_time) return due(timers_->now());
        permit_.emplace(std::move(*outcome.permit));
        return make_attempt();
    }
    const auto& record = outcome.why.record();
    finish_with(record, record.why, record.layer);
}

void policy_run::end_visit()
{
    if (const auto visit = std::exchange(visit_, nullptr)) visit->cancel();
}

void policy_run::make_attempt()
{
    state_ = state::attempt;
    cut_ = cut::none;
    retry_.admitted(timers_->now());
    if (retry_.attempt_bound() != core::never) timers_->set(*this, retry_.attempt_bound());
    signal_.emplace();
    // Through the queue: the signal must outlive the coroutine that it can cancel.
    auto ended = [self = shared_from_this()](std::exception_ptr thrown, error_code cause) {
        asio::post(self->strand_,
            [self, thrown = std::move(thrown), cause]() mutable { self->attempt_ended(std::move(thrown), cause); });
    };
    asio::co_spawn(strand_, what_->attempt(),
        asio::bind_cancellation_slot(signal_->slot(), asio::bind_executor(strand_, std::move(ended))));
}

void policy_run::attempt_ended(std::exception_ptr thrown, error_code cause)
{
    if (state_ != state::attempt) return;
    timers_->clear(*this);
    signal_.reset();
    thrown_ = std::move(thrown);
    cause_ = cause;
    const auto ended = outcome_of_attempt();
    settle(ended);
    if (!ended.cause) {
        decide(ended);
        return finish(nullptr, {});
    }
    if (cut_ == cut::by_caller) return finish(std::move(thrown_), cause_);
    if (cut_ == cut::by_deadline) return finish_with_last(stop_reason::deadline);
    const auto next = decide(ended);
    last_cause_ = ended.cause;
    if (next.what == core::verdict::stop) return finish_with_last(next.why);
    if (next.what == core::verdict::wait_for_quota) return seek_admission(true);
    state_ = state::backoff;
    timers_->set(*this, core::later(timers_->now(), next.delay));
}

core::outcome policy_run::outcome_of_attempt() const
{
    const auto failed = thrown_ ? std::nullopt : what_->failed();
    core::outcome ended = thrown_ ? classify(thrown_) : classify(cause_, failed ? &*failed : nullptr);
    ended.sent = true;
    if (!ended.cause) ended.status = 200;
    const bool refused = ended.cause == http_error(429) && segment().gate.token;
    if (refused) ended.status = 429;
    if (ended.cause && cut_ != cut::none) ended.cause = errc::timed_out;
    return ended;
}

core::decision policy_run::decide(const core::outcome& ended)
{
    const auto now = timers_->now();
    const double unit = async::random_unit();
    if (segment().budget)
        return segment().budget->with([&](auto& budget) { return retry_.ended(ended, budget, now, unit); });
    core::retry_budget boundless;
    return retry_.ended(ended, boundless, now, unit);
}

void policy_run::settle(const core::outcome& ended)
{
    if (!permit_) return;
    auto told = ended;
    if (told.status == 0 && told.cause.category() == http_category())
        told.status = static_cast<unsigned>(told.cause.value());
    const auto& gate = segment().gate;
    settle_elsewhere(gate.transport, gate.token, std::move(*permit_), told, async::random_unit());
    permit_.reset();
}

void policy_run::due(core::instant now)
{
    const bool late = now >= retry_.deadline();
    switch (state_) {
    case state::backoff:
        return late ? finish_with_last(stop_reason::deadline) : seek_admission(false);
    case state::gate: {
        end_visit();
        const auto& gate = segment().gate.token->gate();
        auto record = gate.why_closed(gate.state().next_slot.value_or(now));
        return finish_with(std::move(record), stop_reason::deadline, "rate_limited");
    }
    case state::attempt:
        if (cut_ != cut::none) return;
        cut_ = late ? cut::by_deadline : cut::by_timeout;
        return signal_->emit(asio::cancellation_type::terminal);
    default:
        return;
    }
}

void policy_run::cancel()
{
    if (state_ == state::over) return;
    if (state_ == state::attempt) {
        const bool first = std::exchange(cut_, cut::by_caller) == cut::none;
        if (first) signal_->emit(asio::cancellation_type::terminal);
        return;
    }
    end_visit();
    failure_record record;
    record.code = asio::error::operation_aborted;
    finish_with(std::move(record), stop_reason::cancelled, "");
}

/// What the attempt threw or returned, unchanged; where it was cut off, who did it.
void policy_run::finish_with_last(stop_reason why)
{
    if (cut_ == cut::none) return finish(std::move(thrown_), cause_);
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
    const unsigned cut_short = cut_ == cut::by_deadline ? 1 : 0;
    record.info.attempts = retry_.attempts() + cut_short;
    record.info.resends = retry_.resends();
    record.info.elapsed = state_ == state::idle ? core::duration::zero() : timers_->now() - retry_.started();
    const failure what(std::move(record));
    if (what_->fail(what)) return finish(nullptr, what.code());
    finish(std::make_exception_ptr(what), {});
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
