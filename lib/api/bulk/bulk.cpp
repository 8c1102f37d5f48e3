#include "api/bulk/bulk_source.hpp"
#include "api/requests.hpp"
#include "kubeconfig/read/server_key.hpp"

#include <doks/absence.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>
#include <numeric>
#include <utility>

namespace doks::api {

bulk_targets::bulk_targets(std::vector<std::string> ids)
    : ids_(std::move(ids))
    , order_(ids_.size())
{
    for (auto& id : ids_) id = kube::canonical_id(std::move(id));
    keep_first_of_each();
}

bulk_targets::bulk_targets(std::vector<cluster> clusters)
    : clusters_(std::move(clusters))
    , order_(clusters_.size())
{
    for (auto& each : clusters_) each.id = kube::canonical_id(std::move(each.id));
    keep_first_of_each();
}

void bulk_targets::keep_first_of_each()
{
    std::iota(order_.begin(), order_.end(), 0U);
    std::stable_sort(order_.begin(), order_.end(), [this](auto a, auto b) { return id(a) < id(b); });
    const auto same = [this](auto a, auto b) { return id(a) == id(b); };
    order_.erase(std::unique(order_.begin(), order_.end(), same), order_.end());
    std::sort(order_.begin(), order_.end());
    order_.shrink_to_fit();
}

cluster bulk_targets::at(std::size_t position) const
{
    const std::size_t index = order_[position];
    if (!clusters_.empty()) return clusters_[index];
    cluster bare;
    bare.id = ids_[index];
    return bare;
}

using lock = std::lock_guard<std::mutex>;

std::shared_ptr<bulk_state> bulk_state::of(
    const std::shared_ptr<const client_state>& from, bulk_targets targets, bulk_options options)
{
    if (const auto reason = why_not_options(options.expiry, options.type))
        throw invalid_call("bulk of kubeconfigs", *reason, "leave the expiry at 0 or give whole seconds above it");
    if (options.in_flight == 0 || options.attempts == 0)
        throw invalid_call("bulk of kubeconfigs", "in_flight and attempts must be above zero", "leave them out");
    auto made = std::make_shared<bulk_state>();
    made->counts_.total = targets.size();
    made->sources_.push_back(std::make_shared<bulk_source>(from, std::move(targets), std::move(options)));
    made->sources_.back()->report_to(made);
    return made;
}

bulk_state::~bulk_state()
{
    for (const auto& source : sources_) source->cancel();
}

bulk_item delivered_item::take(event one)
{
    one.from->taken();
    return std::move(one.item);
}

void bulk_state::join(bulk_state& other)
{
    const std::scoped_lock both(mutex_, other.mutex_);
    if (other.read_from_)
        throw invalid_call("bulk::add", "the bulk was read from already", "add it before its first next()");
    for (const auto& source : other.sources_) {
        source->report_to(weak_from_this());
        sources_.push_back(source);
    }
    other.sources_.clear();
    counts_.total += std::exchange(other.counts_, {}).total;
    queue_->reopen();
}

/// Freshness is the user's code and may block on a disk: it runs here, on the reader's thread, and only if nothing is unread.
void bulk_state::next(queue::handler handler, const boost::asio::any_io_executor& on)
{
    if (queue_->empty()) look_at_fresh();
    boost::asio::any_io_executor executor = on;
    {
        const lock held(mutex_);
        if (!sources_.empty()) executor = sources_.front()->user_executor();
        read_from_ = true;
        end_if_done();
    }
    queue_->next(std::move(handler), executor);
    for (const auto& source : sources()) source->pump();
}

std::vector<std::shared_ptr<bulk_source>> bulk_state::sources() const
{
    const lock held(mutex_);
    return sources_;
}

void bulk_state::look_at_fresh()
{
    for (const auto& source : sources())
        if (auto item = source->look_at_fresh()) return deliver(*source, std::move(*item));
}

/// Counted before it is queued: a reader who has an item finds it in `summary`.
void bulk_state::deliver(bulk_source& from, bulk_item item)
{
    const lock held(mutex_); // else a reader could see the last item counted and not yet queued: the stream would end
    count(item);
    queue_->push({from.shared_from_this(), std::move(item)});
    end_if_done();
}

void bulk_state::end_if_done()
{
    if (counts_.done() == counts_.total) queue_->close();
}

void bulk_state::count(const bulk_item& item)
{
    const call_info info = item.outcome ? item.outcome->info() : item.outcome.error().info();
    if (info.attempts > 1) counts_.retries += info.attempts - 1;
    if (info.rate_limit.remaining) counts_.rate_limit = info.rate_limit;
    if (item.fresh)
        ++counts_.fresh;
    else if (item.outcome)
        ++counts_.fetched;
    else if (const auto why = item.outcome.error(); why == errc::not_ready)
        ++counts_.not_ready;
    else if (is_absent(why))
        ++counts_.gone;
    else
        ++counts_.failed;
}

bulk_summary bulk_state::summary() const
{
    const lock held(mutex_);
    bulk_summary now = counts_;
    for (const auto& source : sources_) {
        now.in_flight += source->under_way();
        const auto until = source->waiting_until();
        if (until && (!now.waiting_until || *until < *now.waiting_until)) now.waiting_until = until;
    }
    return now;
}

void bulk_state::stop(std::chrono::steady_clock::duration grace)
{
    const lock held(mutex_);
    for (const auto& source : sources_) source->stop(grace);
}

}

namespace doks {

bulk::bulk()
    : state_(std::make_shared<api::bulk_state>())
{}
bulk::bulk(std::shared_ptr<api::bulk_state> own)
    : state_(std::move(own))
{}
bulk::bulk(bulk&&) noexcept = default;
bulk& bulk::operator=(bulk&&) noexcept = default;
bulk::~bulk() = default;

void bulk::add(bulk other) { state_->join(*other.state_); }
void bulk::start_next(next_handler handler, const boost::asio::any_io_executor& on)
{
    state_->next(std::move(handler), on);
}

bulk_summary bulk::summary() const { return state_->summary(); }
void bulk::stop(std::chrono::steady_clock::duration grace) { state_->stop(grace); }

}
