#include "api/bulk/bulk_source.hpp"

#include "api/requests.hpp"
#include "core/scoped_flag.hpp"

#include <boost/asio/post.hpp>

#include <new>
#include <utility>

namespace doks::api {

bulk_source::bulk_source(std::shared_ptr<const client_state> from, bulk_targets targets, bulk_options options)
    : client_(std::move(from))
    , targets_(std::move(targets))
    , options_(std::move(options))
{
    bounds_.timeout = options_.timeout;
    terms_.priority = net::priority::bulk;
    terms_.reserved_slots = options_.reserved_slots;
    terms_.retry.emplace();
    terms_.retry->attempts = options_.attempts;
    terms_.retry->is_bulk = true;
}

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

/// A finished id calls this again from within: then the outer loop goes on, so that many fast ids do not recurse.
void bulk_source::start_more()
{
    if (starting_ || cancelled_) return;
    const core::scoped_flag starting(starting_);
    while (under_way_ + unread_ < options_.in_flight) {
        const auto position = take_position();
        if (!position) break;
        ++under_way_;
        start_one(*position);
    }
    auto& gate = client_->token->gate();
    const auto until = gate.waiting() != 0 ? gate.next_slot() : core::instant();
    waiting_until_ = until.time_since_epoch().count();
}

/// Each id has an outcome, out of memory as well.
void bulk_source::start_one(std::size_t position)
{
    const auto number = ++last_number_;
    std::shared_ptr<operation> made;
    std::optional<failure> refused;
    try {
        refused = why_not(targets_.at(position));
        if (!refused) made = std::make_shared<operation>(client_);
        if (made) operations_.emplace(number, made);
    } catch (const std::bad_alloc&) {
        failure_record record;
        record.operation = "GET kubeconfig";
        record.code = make_error_code(boost::system::errc::not_enough_memory);
        refused = failure(std::move(record));
    }
    auto which = targets_.at(position);
    if (refused) return finish(std::move(which), std::move(*refused));
    auto fetch_it = [self = shared_from_this(), which = std::move(which), number](operation& fetching) mutable {
        return fetch(std::move(self), fetching, std::move(which), number);
    };
    operation::run(made, fetch_it);
}

std::optional<failure> bulk_source::why_not(const cluster& which) const
{
    if (halted_) return without_turn(which);
    if (const auto reason = why_not_id(which.id))
        return invalid_call("GET kubeconfig", "cluster id: " + *reason, "give the cluster's id, a UUID");
    return std::nullopt;
}

awaitable<void> bulk_source::fetch(
    std::shared_ptr<bulk_source> self, operation& fetching, cluster which, std::uint64_t number)
{
    result<kubeconfig> outcome = failure();
    try {
        outcome = co_await self->request(fetching, which);
    } catch (const std::bad_alloc&) {
        outcome = fetching.out_of_memory();
    }
    self->operations_.erase(number);
    self->finish(std::move(which), std::move(outcome));
    self->start_more();
    self->end_grace_if_idle();
}

/// A 404 may mean that the cluster is gone or that it is being provisioned: a request for the cluster tells which.
awaitable<result<kubeconfig>> bulk_source::request(operation& fetching, const cluster& which)
{
    auto request = kubeconfig_request(client_->clusters, which.id, options_.expiry, options_.type);
    auto got = co_await fetching.send(request, bounds_, terms_);
    if (got) co_return kubeconfig_of(request, std::move(*got), options_.expiry);
    const failure why = got.error();
    if (why.http_status() == 401) halt(errc::token_refused, why.api_message());
    if (why == errc::no_token) halt(errc::no_token, why.detail());
    if (why != condition::not_found) co_return why;
    if (which.state == "provisioning") co_return not_ready(why);
    if (!which.state.empty() || halted_) co_return why;
    const auto found = co_await fetching.send(cluster_request(client_->clusters, which.id), bounds_, terms_);
    co_return with_total(found ? not_ready(why) : why, found ? found->info : found.error().info());
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

/// No id begins any more. Those that wait for quota end; those on the wire go on, for they may have minted a credential.
void bulk_source::halt(boost::system::error_code why, std::string detail)
{
    if (halted_) return;
    halted_ = why;
    halted_detail_ = std::move(detail);
    cancel_operations([](const operation& each) { return each.waits_for_quota(); });
}

template <class Which> void bulk_source::cancel_operations(Which which)
{
    std::vector<std::shared_ptr<operation>> ended;
    for (const auto& [number, weak] : operations_)
        if (auto each = weak.lock(); each && which(*each)) ended.push_back(std::move(each));
    for (const auto& each : ended) each->cancel(halted_);
}

void bulk_source::stop(core::duration grace)
{
    asio::post(client_->transport->strand(), [self = shared_from_this(), grace] {
        self->halt(errc::stopped, {});
        self->client_->transport->timers().set(*self, self->client_->transport->timers().now() + grace);
        self->start_more();
        self->end_grace_if_idle();
    });
}

/// Nothing begins after a halt; with nothing in flight the timer would only give the context work.
void bulk_source::end_grace_if_idle()
{
    if (operations_.empty()) client_->transport->timers().clear(*this);
}

void bulk_source::due(core::instant)
{
    cancel_operations([](const operation&) { return true; });
}

void bulk_source::cancel()
{
    asio::post(client_->transport->strand(), [self = shared_from_this()] {
        self->cancelled_ = true;
        self->halted_ = errc::stopped;
        self->cancel_operations([](const operation&) { return true; });
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
