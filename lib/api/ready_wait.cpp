#include "api/ready_wait.hpp"

#include "api/bodies.hpp"
#include "api/decoding.hpp"
#include "net/random.hpp"

#include <algorithm>
#include <utility>

namespace doks::api {

namespace {

/// Source: so long DigitalOcean's Terraform provider waits for a cluster's creation.
constexpr core::duration long_enough = std::chrono::minutes(30);

}

void ready_wait::start(
    const std::shared_ptr<const client_state>& from, std::string id, const call_options& options, handler who)
{
    errand_for::start(std::make_shared<ready_wait>(from, std::move(id), options, std::move(who)));
}

ready_wait::ready_wait(
    const std::shared_ptr<const client_state>& from, std::string id, const call_options& options, handler who)
    : errand_for(from, std::move(who))
    , id_(std::move(id))
    , options_(options)
{}

void ready_wait::begin()
{
    const auto within = options_.within > core::duration::zero() ? options_.within : long_enough;
    options_.by = (std::min)(options_.by, core::later(now(), within));
    look();
}

void ready_wait::resume() { now() < options_.by ? look() : time_out(); }

/// A look may wait for quota as long as the whole: the rate gate must not end a wait that has time.
void ready_wait::look()
{
    auto bounds = options_;
    bounds.within = (std::max)(options_.by - now(), core::duration(1));
    auto plan = client().bounded(cluster_request(client().clusters, id_), bounds);
    ask(plan, [this, plan](result<net::reply> got) { looked(plan, std::move(got)); });
}

void ready_wait::looked(const net::call_plan& asked, result<net::reply> got)
{
    absent_ = !got && got.error() == condition::not_found;
    if (!got && !absent_) return fail(got.error());
    std::optional<std::string_view> state;
    std::optional<failure> absent;
    if (got) {
        auto seen = decode_cluster(asked, std::move(*got));
        if (!seen) return fail(seen.error());
        last_seen_ = std::move(*seen);
        state = last_seen_->state;
    } else {
        absent = got.error();
    }
    follow(after_look(state, memory_, pace_, now(), options_.by, net::random_unit()), absent);
}

void ready_wait::follow(const wait_step& next, const std::optional<failure>& absent)
{
    using verdict = wait_step::verdict;
    switch (next.what) {
    case verdict::complete:
        return finish(std::move(*last_seen_));
    case verdict::look_again:
        return pause_until(next.at);
    case verdict::end_broken:
        return end(errc::cluster_in_error);
    case verdict::end_gone:
        return end(errc::cluster_deleted);
    case verdict::end_absent:
        return fail(*absent);
    }
}

void ready_wait::end(errc cause)
{
    auto record = blank_record();
    record.code = cause;
    record.remedy = "look at the cluster in DigitalOcean's control panel";
    fail(failure(std::move(record)));
}

void ready_wait::time_out()
{
    auto record = blank_record();
    record.code = errc::timed_out;
    record.phase = "cluster";
    record.why = stop_reason::deadline;
    record.layer = "deadline";
    record.remedy = "give the wait more time, or look at the cluster in DigitalOcean's control panel";
    fail(failure(std::move(record)));
}

std::string ready_wait::seen_last() const
{
    if (absent_) return "the API knows no such cluster yet";
    if (!last_seen_) return {};
    if (last_seen_->state.empty()) return "the API tells no state of the cluster";
    auto text = "the cluster was last seen " + printable(last_seen_->state, 64);
    if (!last_seen_->state_message.empty()) text += " (" + last_seen_->state_message + ")";
    return text;
}

/// Whatever ends the wait, the failure names what was seen last. A look that the deadline cut off is a wait that timed out.
void ready_wait::fail(failure why)
{
    auto record = why.record();
    const auto seen = seen_last();
    if (!seen.empty() && record.why == stop_reason::deadline && record.code != errc::timed_out) {
        record.last_cause = record.code;
        record.code = errc::timed_out;
    }
    if (!seen.empty()) record.detail = record.detail.empty() ? seen : record.detail + "; " + seen;
    finish(failure(std::move(record)));
}

}
