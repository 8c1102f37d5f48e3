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

/// One that has not concluded goes with its context, whose connections are gone by now.
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
    settle(cut_off(at));
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
        if (token_->ready(*this)) seek_admission(false);
    });
}

void call::token_ready(const failure& why)
{
    take_step([&] { give_token(why); });
}

void call::give_token(const failure& why)
{
    if (!why.code()) {
        if (state_ == state::renewal) retry_.token_renewed();
        return seek_admission(state_ == state::renewal);
    }
    if (state_ == state::renewal) {
        retry_.count_sent();
        return fail(last_.cause, last_.at, stop_reason::permanent);
    }
    last_ = {};
    last_.cause = why.code();
    last_detail_ = why.detail();
    remedy_ = why.record().remedy;
    fail(why.code(), core::phase::token, stop_reason::permanent);
}

void call::seek_admission(bool again)
{
    const bool in_bulk = spec_.priority == priority::bulk;
    state_ = state::parked;
    if (in_bulk) retry_.pause(transport_->timers().now());
    const auto until = in_bulk ? spec_.policy.deadline : retry_.deadline();
    until == core::never ? transport_->timers().clear(*this) : arm(until);
    const rate_gate::terms on{{spec_.priority, spec_.reserved_slots}, until, again};
    const auto too_late = token_->gate().enter(*this, on);
    if (too_late) return fail_for_quota(*too_late);
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
    } catch (const std::bad_alloc&) {
        auto ended = cut_off(core::phase::pool);
        ended.cause = make_error_code(boost::system::errc::not_enough_memory);
        take_step([&] { attempt_ended(ended, {}, {}); });
    }
}

/// A refusal came while a connection was waited for: back to the gate, whose turn it is now.
void call::hand_back(connection& which)
{
    settle(cut_off(core::phase::pool));
    asio::post(transport_->strand(),
        [through = transport_, line = which.shared_from_this()] { through->pool().release(*line, true); });
    seek_admission(true);
}

void call::leased(connection& which)
{
    take_step([&] { lease(which); });
}

void call::lease(connection& which)
{
    if (!permit_->is_good()) return hand_back(which);
    const auto now = transport_->timers().now();
    state_ = state::exchange;
    connection_ = &which;
    generation_ = token_->generation();
    sent_at_ = now;
    requested_at_ = transport_->timers().time().wall_now();
    requested_boot_ = transport_->timers().time().boot_now();
    transport_->observe([&] {
        return request_sent{number_, which.id(), retry_.attempts() + 1, spec_.request.target()};
    });
    phase_due_ = now + (std::min)(transport_->timeouts().first_byte, transport_->timeouts().body_idle);
    arm((std::min)(retry_.attempt_bound(), phase_due_));
    which.run(std::shared_ptr<const request>(shared_from_this(), &spec_.request), token_->head(),
        std::shared_ptr<connection::owner>(transport_, &transport_->pool()));
}

void call::not_connected(core::outcome why, std::string detail)
{
    take_step([&] { attempt_ended(why, std::move(detail), {}); });
}

void call::answered(connection& which)
{
    take_step([&] { take_response(which); });
}

void call::take_response(connection& which)
{
    auto report = std::move(which.result());
    if (auto& id = report.response.request_id; !id.empty()) transport_->secrets()->redact(id);
    transport_->observe([&] {
        return response_received{number_, which.id(), report.outcome.status, report.response.request_id,
            report.response.body.size(), transport_->timers().now() - sent_at_, report.outcome.hints.rate_limit,
            report.outcome.cause, core::to_string(report.outcome.at), report.outcome.hints.date};
    });
    connection_ = nullptr;
    transport_->pool().release(which, report.reusable);
    attempt_ended(report.outcome, std::move(report.detail), std::move(report.response));
}

void call::settle(const core::outcome& ended)
{
    if (!permit_) return;
    const auto& timers = transport_->timers();
    std::move(*permit_).settle(ended, {timers.now(), timers.time().wall_now(), async::random_unit()});
    permit_.reset();
    token_->gate().pump();
}

void call::attempt_ended(const core::outcome& ended, std::string detail, response said)
{
    last_ = ended;
    last_detail_ = std::move(detail);
    last_response_ = std::move(said);
    if (ended.status != 0) rate_limit_ = ended.hints.rate_limit;
    settle(ended);
    const auto now = transport_->timers().now();
    const double unit = async::random_unit();
    const auto decide = [&](core::retry_budget& budget) { return retry_.ended(ended, budget, now, unit); };
    follow(spec_.budget ? spec_.budget->with(decide) : decide(token_->budget()), ended);
}

void call::follow(const core::decision& next, const core::outcome& ended)
{
    wants_fresh = next.fresh;
    const bool again = next.what == core::verdict::resend || next.what == core::verdict::wait_for_quota;
    if (again || next.what == core::verdict::retry)
        transport_->observe([&] {
            return retry_scheduled{number_, retry_.attempts(), again, ended.cause, next.delay};
        });
    switch (next.what) {
    case core::verdict::deliver:
        return deliver();
    case core::verdict::stop:
        return fail(ended.cause, ended.at, next.why);
    case core::verdict::resend:
    case core::verdict::wait_for_quota:
        return seek_admission(true);
    case core::verdict::renew_token:
        state_ = state::renewal;
        arm(retry_.deadline());
        if (token_->renew(generation_, *this)) token_ready(failure());
        return;
    case core::verdict::retry:
        state_ = state::backoff;
        arm((std::min)(retry_.deadline(), core::later(transport_->timers().now(), next.delay)));
    }
}

void call::arm(core::instant at) { transport_->timers().set(*this, at); }

/// Whatever bound was nearest: the call's, the attempt's, the phase's, or the end of a pause.
void call::due(core::instant now)
{
    take_step([&] {
        const state at = state_;
        if (at == state::backoff && now < retry_.deadline()) return seek_admission(false);
        if (at == state::exchange && connection_ && now < retry_.attempt_bound()) {
            const auto phase_due = connection_->due();
            if (phase_due > now)
                return arm((std::min)({retry_.attempt_bound(), phase_due, now + transport_->timeouts().body_idle}));
        }
        give_up(at, now);
    });
}

core::outcome call::cut_off(core::phase at) const
{
    core::outcome ended;
    const auto& lack = transport_->pool().lack();
    ended.cause = at == core::phase::pool && lack ? lack : make_error_code(errc::timed_out);
    ended.at = at;
    ended.sent = at == core::phase::first_byte || at == core::phase::body || at == core::phase::write;
    return ended;
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

void call::give_up(state left, core::instant now)
{
    const core::phase at = whereabouts();
    leave_current_state("timed out");
    if (now >= retry_.deadline() || left == state::token || left == state::renewal || left == state::parked) {
        if (left == state::exchange) retry_.count_sent();
        const bool has_cause = left == state::backoff;
        settle(cut_off(at));
        if (left == state::parked) return fail_for_quota(token_->gate().next_slot());
        return fail(has_cause ? last_.cause : cut_off(at).cause, has_cause ? last_.at : at, stop_reason::deadline);
    }
    attempt_ended(cut_off(at), {}, {});
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
        if (connection_) transport_->pool().abandon(*std::exchange(connection_, nullptr), why);
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
        settle(cut_off(at));
        fail(why, at, stop_reason::cancelled);
    });
}

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

void call::fail(error_code cause, core::phase at, stop_reason why)
{
    auto record = blank_record();
    record.code = cause;
    record.phase = core::to_string(at);
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
