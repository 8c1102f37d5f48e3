#include "api/bulk_source.hpp"

#include "api/own_request.hpp"
#include "api/requests.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace doks::api {

bulk_source::bulk_source(std::shared_ptr<const client_state> from, bulk_targets targets, bulk_options options)
    : client_(std::move(from))
    , targets_(std::move(targets))
    , options_(std::move(options))
{}

bulk_source::~bulk_source() { client_->transport->timers().clear(*this); }

std::optional<bulk_item> bulk_source::look_at_fresh()
{
    if (!options_.fresh) return std::nullopt;
    const std::lock_guard held(queue_mutex_);
    while (looked_at_ < targets_.size() && queue_.size() < options_.in_flight) {
        const std::size_t position = looked_at_++;
        auto which = targets_.at(position);
        auto stored = options_.fresh(which.id);
        if (stored) {
            ++unread_;
            return bulk_item{std::move(which), client_->label, std::move(*stored), true};
        }
        queue_.push_back(position);
    }
    return std::nullopt;
}

std::optional<std::size_t> bulk_source::take_position()
{
    const std::lock_guard held(queue_mutex_);
    if (!options_.fresh) {
        if (looked_at_ == targets_.size()) return std::nullopt;
        return looked_at_++;
    }
    if (queue_.empty()) return std::nullopt;
    const std::size_t first = queue_.front();
    queue_.pop_front();
    return first;
}

void bulk_source::pump()
{
    asio::post(client_->transport->strand(), [self = shared_from_this()] { self->start_more(); });
}

void bulk_source::start_more()
{
    if (starting_ || cancelled_) return;
    starting_ = true;
    while (under_way_ + unread_ < options_.in_flight) {
        const auto position = take_position();
        if (!position) break;
        auto which = targets_.at(*position);
        ++under_way_;
        if (!halted_) {
            start_one(std::move(which));
            continue;
        }
        auto why = without_turn(which);
        finish(std::move(which), std::move(why));
    }
    starting_ = false;
    auto& gate = client_->account->gate();
    const auto until = gate.waiting() != 0 ? gate.next_slot() : core::instant();
    waiting_until_ = until.time_since_epoch().count();
}

net::call_plan bulk_source::plan_for(net::call_plan plan) const
{
    core::retry_rules usual;
    usual.attempts = options_.attempts;
    usual.is_bulk = true;
    call_options bounds;
    bounds.within = options_.within;
    plan.lane = net::lane::bulk;
    plan.leave = options_.leave;
    return client_->bounded(std::move(plan), bounds, usual);
}

void bulk_source::begin(net::call_plan plan, action then)
{
    const auto number = ++last_number_;
    const auto made = own_request::make(
        client_, plan_for(std::move(plan)),
        [self = shared_from_this(), then = std::move(then), number](
            result<net::reply> outcome) { self->concluded(number, then, std::move(outcome)); },
        [self = shared_from_this(), number] { self->forsaken(number); });
    calls_.emplace(number, made.live);
    made.start();
}

void bulk_source::forsaken(std::uint64_t number)
{
    calls_.erase(number);
    if (const auto stream = stream_.lock()) stream->abandon();
}

void bulk_source::concluded(std::uint64_t number, const action& then, result<net::reply> outcome)
{
    calls_.erase(number);
    then(std::move(outcome));
    start_more();
    end_grace_if_idle();
}

void bulk_source::start_one(cluster which)
{
    auto plan = kubeconfig_request(client_->clusters, which.id, options_.expiry, options_.type);
    if (const auto reason = why_not_id(which.id))
        return finish(std::move(which),
            invalid_call("GET kubeconfig", "cluster id: " + *reason, "give the cluster's id, a UUID"));
    begin(plan, [this, plan, which = std::move(which)](result<net::reply> got) mutable {
        if (got) return finish(std::move(which), kubeconfig_of(plan, std::move(*got), options_.expiry));
        failed(std::move(which), got.error());
    });
}

void bulk_source::failed(cluster which, failure why)
{
    if (why.http_status() == 401) halt(errc::token_refused, why.api_message());
    if (why == errc::no_token) halt(errc::no_token, why.detail());
    const bool missing = why == condition::not_found;
    if (missing && which.state == "provisioning") return finish(std::move(which), not_ready(why));
    if (missing && which.state.empty() && !halted_) return ask_for_cluster(std::move(which), std::move(why));
    finish(std::move(which), std::move(why));
}

/// A 404 may mean that the cluster is gone or that it is still being provisioned: the cluster itself tells.
void bulk_source::ask_for_cluster(cluster which, failure missing)
{
    begin(cluster_request(client_->clusters, which.id), [this, which, missing](result<net::reply> got) {
        finish(which, with_sends_of(got ? not_ready(missing) : missing, got));
    });
}

void bulk_source::finish(cluster which, result<kubeconfig> outcome)
{
    --under_way_;
    ++unread_;
    bulk_item item{std::move(which), client_->label, std::move(outcome), false};
    const auto stream = stream_.lock();
    if (stream) stream->deliver(*this, std::move(item));
}

failure bulk_source::without_turn(const cluster& which) const
{
    failure_record record;
    record.operation = "GET kubeconfig of cluster " + which.id;
    record.code = halted_;
    record.why = stop_reason::cancelled;
    record.detail = halted_detail_;
    explain(record, {});
    return failure(std::move(record));
}

/// No id begins any more; those that wait for quota end, those on the wire go on.
void bulk_source::halt(boost::system::error_code why, std::string detail)
{
    if (halted_) return;
    halted_ = why;
    halted_detail_ = std::move(detail);
    end_calls([](const net::live_call& each) { return each.waits_for_quota(); });
}

template <class Which> void bulk_source::end_calls(Which which)
{
    std::vector<std::shared_ptr<net::live_call>> ended;
    for (const auto& [number, weak] : calls_)
        if (auto each = weak.lock(); each && which(*each)) ended.push_back(std::move(each));
    for (const auto& each : ended) each->cancel(halted_);
}

void bulk_source::stop(core::duration grace)
{
    asio::post(client_->transport->strand(), [self = shared_from_this(), grace] {
        self->halt(errc::stopped, {});
        self->client_->transport->timers().set(*self, self->client_->transport->timers().now() + grace);
        self->stop_bound_ = self;
        self->start_more();
        self->end_grace_if_idle();
    });
}

/// Nothing is begun after a halt: with nothing in flight the bound would only keep the context from becoming idle.
void bulk_source::end_grace_if_idle()
{
    if (!stop_bound_ || !calls_.empty()) return;
    client_->transport->timers().clear(*this);
    stop_bound_.reset();
}

void bulk_source::due(core::instant)
{
    const auto self = std::exchange(stop_bound_, nullptr);
    end_calls([](const net::live_call&) { return true; });
}

void bulk_source::cancel()
{
    asio::post(client_->transport->strand(), [self = shared_from_this()] {
        self->cancelled_ = true;
        self->halted_ = errc::stopped;
        self->end_calls([](const net::live_call&) { return true; });
    });
}

asio::any_io_executor bulk_source::user_executor() const { return client_->transport->user_executor(); }

std::optional<core::instant> bulk_source::waiting_until() const noexcept
{
    const auto at = core::instant(core::duration(waiting_until_.load()));
    if (at == core::instant()) return std::nullopt;
    return at;
}

}
