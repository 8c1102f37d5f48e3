#include "net/call/call.hpp"

#include "async/random.hpp"
#include "net/call/policy_layers.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <new>
#include <utility>

namespace doks::net {

using boost::system::error_code;

call::call(std::shared_ptr<shared_transport> through, std::shared_ptr<token_context> with, request_spec spec)
    : transport_(std::move(through))
    , token_(std::move(with))
    , spec_(std::move(spec))
{}

/// A call that has not concluded is destroyed with its context. In the state exchange so is its connection: nothing to leave.
call::~call()
{
    if (state_ != state::exchange) leave_current_state({});
    transport_->timers().clear(*this);
}

/// Every event of a call is one step. Out of memory in it the call ends, for nothing else might come to end it.
template <class Step> void call::take_step(Step step)
{
    try {
        step();
    } catch (const std::bad_alloc&) {
        if (state_ == state::concluded) throw; // its outcome was lost on its way
        fail_for_memory();
    }
}

void call::fail_for_memory()
{
    const core::phase at = whereabouts();
    leave_current_state("out of memory");
    settle(timed_out(at));
    fail(make_error_code(boost::system::errc::not_enough_memory), at, stop_reason::permanent);
}

void call::start()
{
    number_ = transport_->next_call();
    retry_ = core::retry_loop(spec_.policy, transport_->timers().now());
    if (!transport_->enlist(shared_from_this())) {
        state_ = state::concluded;
        auto record = blank_record();
        record.code = errc::draining;
        record.why = stop_reason::cancelled;
        return conclude(failure(std::move(record)));
    }
    take_step([this] {
        arm(retry_.deadline());
        state_ = state::token;
        if (token_->ready(*this)) enter_gate(false);
    });
}

void call::token_ready(const failure& error)
{
    take_step([&] { give_token(error); });
}

void call::give_token(const failure& error)
{
    if (!error.code()) {
        if (state_ == state::renewal) retry_.token_renewed();
        return enter_gate(state_ == state::renewal);
    }
    if (state_ == state::renewal) { // there is no other token, so the 401 is the outcome
        retry_.count_sent();
        return fail(last_.cause, last_.at, stop_reason::permanent);
    }
    last_ = {};
    last_.cause = error.code();
    last_detail_ = error.detail();
    remedy_ = error.record().remedy;
    fail(error.code(), core::phase::token, stop_reason::permanent);
}

/// An id of a bulk waits for quota as long as it takes, so its timeout is paused; a deadline in its options goes on to count.
void call::enter_gate(bool again)
{
    const bool in_bulk = spec_.priority == priority::bulk;
    state_ = state::parked;
    if (in_bulk) retry_.pause(transport_->timers().now());
    const auto until = in_bulk ? spec_.policy.deadline : retry_.deadline();
    until == core::never ? transport_->timers().clear(*this) : arm(until);
    const rate_gate::terms terms{{spec_.priority, spec_.reserved_slots}, until, again};
    const auto free_at = token_->gate().enter(*this, terms);
    if (free_at) return fail_for_quota(*free_at);
    if (state_ == state::parked)
        transport_->observe([&] { return quota_awaited{number_, token_->gate().next_slot(), token_->gate().state()}; });
}

void call::admitted(permit permitted)
{
    const auto now = transport_->timers().now();
    permit_.emplace(std::move(permitted));
    retry_.admitted(now);
    phase_due_ = now + transport_->timeouts().pool;
    generation_ = token_->generation();
    state_ = state::pool;
    try {
        arm((std::min)(retry_.attempt_bound(), phase_due_));
        transport_->acquire(*this);
    } catch (const std::bad_alloc&) { // it does not wait in the pool then; a lack of memory may pass
        auto outcome = timed_out(core::phase::pool);
        outcome.cause = make_error_code(boost::system::errc::not_enough_memory);
        take_step([&] { attempt_ended(outcome, {}, {}); });
    }
}

/// A 429 closed the gate while the call waited for a connection: it returns to the gate. The connection is released by a
/// post, for this may run within the pool.
void call::hand_back(connection& connection)
{
    settle(timed_out(core::phase::pool));
    asio::post(transport_->strand(),
        [transport = transport_, held = connection.shared_from_this()] { transport->pool().release(*held, true); });
    enter_gate(true);
}

void call::leased(connection& leased)
{
    take_step([&] { lease(leased); });
}

void call::lease(connection& leased)
{
    if (!permit_->is_good()) return hand_back(leased);
    const auto now = transport_->timers().now();
    state_ = state::exchange;
    connection_ = &leased;
    generation_ = token_->generation();
    sent_at_ = now;
    requested_at_ = transport_->timers().time().wall_now();
    requested_boot_ = transport_->timers().time().boot_now();
    transport_->observe([&] {
        return request_sent{number_, leased.id(), retry_.attempts() + 1, spec_.request.target()};
    });
    // The connection's phases have their own bounds, and this strand hears of none of them: look at the shorter one first.
    phase_due_ = now + (std::min)(transport_->timeouts().first_byte, transport_->timeouts().body_idle);
    arm((std::min)(retry_.attempt_bound(), phase_due_));
    leased.run(std::shared_ptr<const request>(shared_from_this(), &spec_.request), token_->head(),
        std::shared_ptr<connection::owner>(transport_, &transport_->pool()));
}

void call::not_connected(core::outcome outcome, std::string detail)
{
    take_step([&] { attempt_ended(outcome, std::move(detail), {}); });
}

void call::answered(connection& connection)
{
    take_step([&] { take_response(connection); });
}

void call::take_response(connection& connection)
{
    auto exchange = std::move(connection.result());
    if (auto& id = exchange.response.request_id; !id.empty()) transport_->secrets()->redact(id);
    transport_->observe([&] {
        return response_received{number_, connection.id(), exchange.outcome.status, exchange.response.request_id,
            exchange.response.body.size(), transport_->timers().now() - sent_at_, exchange.outcome.hints.rate_limit,
            exchange.outcome.cause, core::to_string(exchange.outcome.at), exchange.outcome.hints.date};
    });
    connection_ = nullptr;
    transport_->pool().release(connection, exchange.reusable);
    attempt_ended(exchange.outcome, std::move(exchange.detail), std::move(exchange.response));
}

void call::settle(const core::outcome& outcome)
{
    if (!permit_) return;
    const auto& timers = transport_->timers();
    std::move(*permit_).settle(outcome, {timers.now(), timers.time().wall_now(), async::random_unit()});
    permit_.reset();
    token_->gate().pump();
}

/// The permit is settled before the decision, so that the gate knows of a 429 before this call returns to it.
void call::attempt_ended(const core::outcome& outcome, std::string detail, response response)
{
    last_ = outcome;
    last_detail_ = std::move(detail);
    last_response_ = std::move(response);
    if (outcome.status != 0) rate_limit_ = outcome.hints.rate_limit;
    settle(outcome);
    const auto now = transport_->timers().now();
    const double unit = async::random_unit();
    const auto decide = [&](core::retry_budget& budget) { return retry_.ended(outcome, budget, now, unit); };
    follow(spec_.budget ? spec_.budget->with(decide) : decide(token_->budget()), outcome);
}

void call::follow(const core::decision& decision, const core::outcome& outcome)
{
    wants_fresh = decision.fresh;
    const bool again = decision.verdict == core::verdict::resend || decision.verdict == core::verdict::wait_for_quota;
    if (again || decision.verdict == core::verdict::retry)
        transport_->observe([&] {
            return retry_scheduled{number_, retry_.attempts(), again, outcome.cause, decision.delay};
        });
    switch (decision.verdict) {
    case core::verdict::deliver:
        return deliver();
    case core::verdict::stop:
        return fail(outcome.cause, outcome.at, decision.why);
    case core::verdict::resend:
    case core::verdict::wait_for_quota:
        return enter_gate(true);
    case core::verdict::renew_token:
        state_ = state::renewal;
        arm(retry_.deadline());
        if (token_->renew(generation_, *this)) token_ready(failure());
        return;
    case core::verdict::retry:
        state_ = state::backoff;
        arm((std::min)(retry_.deadline(), core::later(transport_->timers().now(), decision.delay)));
    }
}

void call::arm(core::instant at) { transport_->timers().set(*this, at); }

/// The nearest bound has passed: the call's, the attempt's, the phase's, or the end of a pause. During an exchange the
/// connection may have entered another phase meanwhile; one timer that looks at it again is cheaper than a message for each.
void call::due(core::instant now)
{
    take_step([&] {
        const state at = state_;
        if (at == state::backoff && now < retry_.deadline()) return enter_gate(false);
        if (at == state::exchange && connection_ && now < retry_.attempt_bound()) {
            const auto phase_due = connection_->due();
            if (phase_due > now)
                return arm((std::min)({retry_.attempt_bound(), phase_due, now + transport_->timeouts().body_idle}));
        }
        give_up(at, now);
    });
}

/// The outcome of an attempt that ran out of time in this phase. A lack of descriptors explains a wait for a connection.
core::outcome call::timed_out(core::phase phase) const
{
    core::outcome outcome;
    const auto& lack = transport_->pool().lack();
    outcome.cause = phase == core::phase::pool && lack ? lack : make_error_code(errc::timed_out);
    outcome.at = phase;
    outcome.sent = phase == core::phase::first_byte || phase == core::phase::body || phase == core::phase::write;
    return outcome;
}

core::phase call::whereabouts() const
{
    switch (state_) {
    case state::exchange:
        return connection_ ? connection_->at() : core::phase::response;
    case state::pool:
        return transport_->pool().waited_for();
    case state::parked:
        return core::phase::quota;
    case state::backoff:
        return core::phase::backoff;
    default:
        return core::phase::token;
    }
}

/// The call ends if its deadline has passed or no attempt is under way; else its attempt ends, and may be retried.
void call::give_up(state left, core::instant now)
{
    const core::phase phase = whereabouts();
    leave_current_state("timed out");
    if (now >= retry_.deadline() || left == state::token || left == state::renewal || left == state::parked) {
        if (left == state::exchange) retry_.count_sent();
        const bool has_cause = left == state::backoff; // the last attempt's
        settle(timed_out(phase));
        if (left == state::parked) return fail_for_quota(token_->gate().next_slot());
        return fail(
            has_cause ? last_.cause : timed_out(phase).cause, has_cause ? last_.at : phase, stop_reason::deadline);
    }
    attempt_ended(timed_out(phase), {}, {});
}

void call::leave_current_state(std::string_view why)
{
    switch (state_) {
    case state::token:
    case state::renewal:
        token_->withdraw(*this);
        break;
    case state::parked:
        token_->gate().leave(*this);
        break;
    case state::pool:
        transport_->pool().withdraw(*this);
        break;
    case state::exchange:
        if (connection_) transport_->pool().discard(*std::exchange(connection_, nullptr), why);
        break;
    default:
        break;
    }
}

void call::cancel(error_code why)
{
    if (state_ == state::concluded || state_ == state::idle) return;
    take_step([&] {
        const core::phase at = whereabouts();
        if (state_ == state::exchange) retry_.count_sent();
        leave_current_state("cancelled");
        settle(timed_out(at));
        fail(why, at, stop_reason::cancelled);
    });
}

/// The transport's list holds the call until `conclude` has returned; `last` may be the last reference.
void call::finish(result<call_response> outcome)
{
    state_ = state::concluded;
    transport_->timers().clear(*this);
    try {
        transport_->observe([&] {
            return call_finished{number_, outcome ? outcome->info : outcome.error().info(),
                outcome ? error_code() : outcome.error().code()};
        });
        conclude(std::move(outcome));
    } catch (const std::bad_alloc&) {
        const auto last = transport_->dismiss(*this); // nothing else would take it off the transport's list
        throw;
    }
    const auto last = transport_->dismiss(*this);
}

void call::deliver()
{
    auto about = info(std::move(last_response_.request_id));
    call_response whole{
        std::move(last_response_), std::move(about), requested_at_, requested_boot_, transport_->secrets()};
    finish(std::move(whole));
}

call_info call::info(std::string request_id) const
{
    return {std::move(request_id), retry_.attempts(), retry_.resends(), transport_->timers().now() - retry_.started(),
        rate_limit_};
}

failure_record call::blank_record() const
{
    failure_record record;
    record.operation = spec_.operation();
    record.info = info(last_response_.request_id);
    return record;
}

void call::fail(error_code cause, core::phase phase, stop_reason why)
{
    auto record = blank_record();
    record.code = cause;
    record.phase = core::to_string(phase);
    record.why = why;
    record.layer = core::layer_that_stops(why, cause, spec_.policy);
    if (last_.cause != cause) record.last_cause = last_.cause;
    record.http_status = last_.cause == cause ? last_.status : 0;
    if (last_.cause == cause) record.detail = last_detail_;
    record.remedy = remedy_;
    if (const auto hint = last_.hints.retry_after; hint && record.http_status != 0) {
        record.retry_after = *hint;
        record.retry_at = transport_->timers().time().wall_now() + *hint;
    }
    describe(record, last_response_);
    transport_->secrets()->redact(record);
    finish(failure(std::move(record)));
}

void call::fail_for_quota(core::instant free_at)
{
    auto record = token_->gate().why_closed(free_at);
    record.operation = spec_.operation();
    record.info = info(last_response_.request_id);
    record.last_cause = last_.cause;
    finish(failure(std::move(record)));
}

}
