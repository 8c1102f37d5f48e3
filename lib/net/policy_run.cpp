#include "net/policy_run.hpp"

#include "net/random.hpp"
#include "net/thrown.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace doks::net {

using boost::system::error_code;

void policy_run::start(layers of, std::size_t segment, impl::work& what, handler who, const asio::any_io_executor& on)
{
    const auto made = std::make_shared<policy_run>(std::move(of), segment, what, std::move(who), on);
    watch_context(on, made);
    made->done_->on_cancel([weak = std::weak_ptr<policy_run>(made)] {
        const auto alive = weak.lock();
        if (alive) asio::post(alive->strand_, [alive] { alive->cancel(); });
    });
    asio::post(made->strand_, [made] { made->begin(); });
}

policy_run::policy_run(layers of, std::size_t segment, impl::work& what, handler who, const asio::any_io_executor& on)
    : layers_(std::move(of))
    , index_(segment)
    , what_(what)
    , strand_(asio::make_strand(on))
    , timers_(std::make_shared<timer_queue>(strand_, layers_->time))
{
    done_.emplace(std::move(who), on);
}

policy_run::~policy_run() { timers_->clear(*this); }

void policy_run::begin()
{
    if (!done_) return;
    self_ = shared_from_this();
    course_ = core::course(segment().plan, timers_->now());
    seek_admission();
}

void policy_run::seek_admission()
{
    const auto& gate = segment().gate;
    if (!gate.account) return make_attempt();
    state_ = state::gate;
    if (course_.deadline() != core::never) timers_->set(*this, course_.deadline());
    // The visit's answer needs the visit to be told from an earlier one, and may come before `begin` returns.
    const auto which = std::make_shared<std::weak_ptr<gate_visit>>();
    const auto answer = [self = self_, which](visit_outcome outcome) {
        asio::post(self->strand_, [self, which, outcome = std::move(outcome)]() mutable {
            self->visited(which->lock(), std::move(outcome));
        });
    };
    visit_ = gate_visit::begin(gate.transport, gate.account, course_.deadline(), answer);
    *which = visit_;
}

void policy_run::visited(const std::shared_ptr<gate_visit>& by, visit_outcome outcome)
{
    if (state_ == state::gate && by == visit_) {
        visit_.reset();
        right_ = std::move(outcome.right);
        if (right_) return make_attempt();
        const auto& record = outcome.why.record();
        return finish_with(record, record.why, record.layer);
    }
    if (outcome.right)
        settle_elsewhere(segment().gate.transport, segment().gate.account, *outcome.right, core::outcome(), 0);
}

void policy_run::make_attempt()
{
    state_ = state::attempt;
    cut_ = cut::none;
    course_.admitted(timers_->now());
    if (course_.attempt_bound() != core::never) timers_->set(*this, course_.attempt_bound());
    signal_.emplace();
    // Through the queue: the signal must outlive the coroutine that it can cancel.
    auto ended = [self = self_](std::exception_ptr thrown, error_code cause) {
        asio::post(self->strand_,
            [self, thrown = std::move(thrown), cause]() mutable { self->attempt_ended(std::move(thrown), cause); });
    };
    asio::co_spawn(strand_, what_.attempt(),
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
    if (next.what == core::verdict::wait_for_quota) return seek_admission();
    state_ = state::backoff;
    timers_->set(*this, core::later(timers_->now(), next.delay));
}

core::outcome policy_run::outcome_of_attempt() const
{
    core::outcome ended = thrown_ ? outcome_of(thrown_) : core::outcome();
    if (!thrown_) ended.cause = cause_;
    ended.sent = true;
    if (!ended.cause) ended.status = 200;
    const bool refused = ended.cause == http_error(429) && segment().gate.account;
    if (refused) ended.status = 429;
    if (ended.cause && cut_ != cut::none) ended.cause = errc::timed_out;
    return ended;
}

core::decision policy_run::decide(const core::outcome& ended)
{
    const auto now = timers_->now();
    const double unit = random_unit();
    if (segment().budget)
        return segment().budget->with([&](auto& budget) { return course_.ended(ended, budget, now, unit); });
    core::retry_budget boundless;
    return course_.ended(ended, boundless, now, unit);
}

void policy_run::settle(const core::outcome& ended)
{
    if (!right_) return;
    const auto right = *std::exchange(right_, std::nullopt);
    settle_elsewhere(segment().gate.transport, segment().gate.account, right, ended, random_unit());
}

void policy_run::due(core::instant now)
{
    const bool late = now >= course_.deadline();
    switch (state_) {
    case state::backoff:
        return late ? finish_with_last(stop_reason::deadline) : seek_admission();
    case state::gate: {
        std::exchange(visit_, nullptr)->cancel();
        failure_record record;
        record.code = errc::quota_exhausted;
        record.phase = core::to_string(core::phase::quota);
        return finish_with(std::move(record), stop_reason::deadline, "rate_limited");
    }
    case state::attempt:
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
    if (visit_) std::exchange(visit_, nullptr)->cancel();
    failure_record record;
    record.code = asio::error::operation_aborted;
    finish_with(std::move(record), stop_reason::cancelled, "");
}

/// What the attempt threw or returned, unchanged; where it was cut off, who did it.
void policy_run::finish_with_last(stop_reason why)
{
    if (cut_ == cut::none) return finish(std::move(thrown_), cause_);
    const bool single = segment().plan.retry.attempts == 1 && why != stop_reason::deadline;
    failure_record record;
    record.code = errc::timed_out;
    record.phase = "attempt";
    finish_with(std::move(record), why, single ? "attempt_timeout" : core::layer_that_stops(why));
}

void policy_run::finish_with(failure_record record, stop_reason why, std::string_view layer)
{
    record.why = why;
    record.layer = layer;
    record.last_cause = last_cause_;
    if (record.operation.empty()) record.operation = "a call under a policy";
    const unsigned cut_short = cut_ == cut::by_deadline ? 1 : 0;
    record.info.attempts = course_.attempts() + cut_short;
    record.info.resends = course_.resends();
    record.info.elapsed = timers_->now() - course_.started();
    const failure what(std::move(record));
    if (what_.fail(what)) return finish(nullptr, what.code());
    finish(std::make_exception_ptr(what), {});
}

void policy_run::finish(std::exception_ptr thrown, error_code cause)
{
    state_ = state::over;
    timers_->clear(*this);
    const auto self = std::move(self_);
    auto to = std::move(*done_);
    done_.reset();
    std::move(to).finish([thrown = std::move(thrown), cause]() mutable {
        return std::tuple<std::exception_ptr, error_code>(std::move(thrown), cause);
    });
}

void policy_run::abandon()
{
    state_ = state::over;
    timers_->clear(*this);
    const auto self = std::move(self_);
    done_.reset();
}

namespace {

asio::awaitable<error_code> run_from(policy_run::layers of, std::size_t segment, impl::work& what);

/// The segments further in, as the attempts of the one before.
class inner_segments final : public impl::work
{
public:
    inner_segments(policy_run::layers of, std::size_t segment, impl::work& what)
        : layers_(std::move(of))
        , segment_(segment)
        , what_(what)
    {}
    asio::awaitable<error_code> attempt() override { return run_from(layers_, segment_, what_); }
    bool fail(const failure& why) override { return what_.fail(why); }

private:
    policy_run::layers layers_;
    std::size_t segment_;
    impl::work& what_;
};

asio::awaitable<error_code> begin(policy_run::layers of, std::size_t segment, impl::work& what)
{
    return asio::async_initiate<const asio::use_awaitable_t<>&, void(std::exception_ptr, error_code)>(
        [](auto who, policy_run::layers layers, std::size_t index, impl::work* work) {
            const asio::any_io_executor on = asio::get_associated_executor(who);
            policy_run::start(std::move(layers), index, *work, policy_run::handler(std::move(who)), on);
        },
        asio::use_awaitable, std::move(of), segment, &what);
}

asio::awaitable<error_code> run_from(policy_run::layers of, std::size_t segment, impl::work& what)
{
    inner_segments inner(of, segment + 1, what);
    const bool last = segment + 1 == of->segments.size();
    impl::work& next = last ? what : inner;
    auto cause = co_await begin(std::move(of), segment, next);
    co_return cause;
}

}

}

boost::asio::awaitable<void> doks::impl::run(std::shared_ptr<const policy_layers> layers, work& what)
{
    co_await net::run_from(std::move(layers), 0, what);
}
