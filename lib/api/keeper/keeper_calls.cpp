#include "api/keeper/keeper_state.hpp"
#include "api/requests.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

namespace doks::api {

keeper_wait::keeper_wait(std::shared_ptr<net::shared_transport> through, completion::handler who, core::instant until)
    : transport_(std::move(through))
    , done_(std::move(who), transport_->home())
    , until_(until)
{}

void keeper_wait::on_cancel(std::function<void()> cancelled) { done_.on_cancel(std::move(cancelled)); }

void keeper_wait::wait_at(keeper_entry& where)
{
    entry_ = &where;
    look_again(transport_->timers().now());
}

/// A renewal that is under way may have to wait for quota later: then whoever waits goes first.
void keeper_wait::look_again(core::instant now)
{
    constexpr auto interval = std::chrono::seconds(1);
    transport_->timers().set(*this, (std::min)(until_, core::later(now, interval)));
}

void keeper_wait::finish(result<kubeconfig> outcome)
{
    entry_ = nullptr;
    transport_->timers().clear(*this);
    done_.finish(
        [outcome = std::move(outcome)]() mutable { return std::tuple<result<kubeconfig>>(std::move(outcome)); });
}

void keeper_wait::due(core::instant now)
{
    const auto self = shared_from_this();
    if (entry_ == nullptr) return;
    if (now >= until_) return entry_->of.withdraw(*this, entry_->of.late(*entry_));
    look_again(now);
    if (entry_->waiting.front() == self) entry_->of.hurry(*entry_);
}

/// The keeper's own, where a call asks for nothing else.
std::chrono::seconds keeper_state::expiry_of(const call_options& options) const noexcept
{
    return options.expiry.count() == 0 && options.type != credential_type::sso ? options_.expiry : options.expiry;
}

std::optional<kubeconfig> keeper_state::held(std::string_view id, const call_options& options)
{
    const auto now = boot_now();
    const lock guard(mutex_);
    keeper_entry* const which = find(id, expiry_of(options), options.type);
    if (which == nullptr || !which->config || which->refused || !which->life.is_valid(now)) return std::nullopt;
    ++counts_.saved;
    if (which->life.failures() != 0) ++counts_.served_stale;
    if (!which->kept) {
        unkept_.erase(unkept_.iterator_to(*which));
        unkept_.push_back(*which);
    }
    const bool due = which->life.renew_at() <= now && !which->kept && !std::exchange(which->renewal_asked, true);
    if (due)
        on_strand([key = which->key](keeper_state& self) {
            if (keeper_entry* const still = self.find(key.id, key.expiry, key.type)) self.renew(*still);
        });
    return which->config;
}

void keeper_state::get(std::string_view id, const call_options& options, keeper_wait::completion::handler who)
{
    auto why = why_not_id(id);
    if (why) why = "cluster id: " + *why;
    if (!why) why = why_not_options(options.expiry, options.type);
    if (!why && options.expiry_is == expiry_precision::exact) why = "a keeper estimates the expiry itself";
    if (why)
        return refuse_call<kubeconfig>(transport().home(),
            invalid_call("GET kubeconfig", *why, "give the cluster's id, a UUID, and an expiry of 0 or above"),
            std::move(who));
    const auto now = transport().timers().now();
    const auto within = options.timeout > core::duration::zero() ? options.timeout : transport().timeouts().call;
    const auto wait = std::make_shared<keeper_wait>(
        client_->transport, std::move(who), (std::min)(options.deadline, core::later(now, within)));
    wait->on_cancel([weak = weak_from_this(), waiting = std::weak_ptr<keeper_wait>(wait)] {
        const auto alive = weak.lock();
        const auto each = waiting.lock();
        if (!alive || !each) return;
        alive->on_strand([each](keeper_state& self) {
            if (each->where() != nullptr)
                self.withdraw(*each, self.ended(each->where()->key.id, boost::asio::error::operation_aborted));
        });
    });
    credential_key key{std::string(id), expiry_of(options), options.type};
    on_strand([key = std::move(key), wait](keeper_state& self) { self.admit(key, wait); });
}

void keeper_state::admit(const credential_key& key, const std::shared_ptr<keeper_wait>& who)
{
    if (closed_ || drainage_) return who->finish(ended(key.id, errc::stopped));
    keeper_entry& which = entry_of(key);
    if (which.config && which.life.is_valid(boot_now()) && !is_refused(which)) {
        ++counts_.saved;
        return who->finish(*which.config);
    }
    which.waiting.push_back(who);
    who->wait_at(which);
    if (which.queued) {
        which.queued = false;
        queue_.erase(std::find(queue_.begin(), queue_.end(), &which));
    }
    seek(which, net::priority::single);
    if (who->where() != nullptr && which.flight && which.flight->waits_for_quota() &&
        client_->token->gate().next_slot() > who->until())
        withdraw(*who, late(which));
}

void keeper_state::withdraw(keeper_wait& who, failure why)
{
    auto& waiting = who.where()->waiting;
    const auto self = who.shared_from_this();
    waiting.erase(std::find(waiting.begin(), waiting.end(), self));
    self->finish(std::move(why));
}

/// The wait's deadline, in the words of the call that goes on.
failure keeper_state::late(const keeper_entry& at) const
{
    failure_record record;
    const bool parked = at.flight && at.flight->waits_for_quota();
    if (parked) record = client_->token->gate().why_closed(client_->token->gate().next_slot());
    record.operation = "GET kubeconfig of cluster " + at.key.id;
    record.code = parked ? errc::quota_exhausted : errc::timed_out;
    record.phase = parked ? "quota" : at.looking ? "disk" : at.flight ? to_string(at.flight->whereabouts()) : "queue";
    record.why = stop_reason::deadline;
    record.layer = "deadline";
    if (at.why.code()) record.last_cause = at.why.code();
    explain(record, {});
    return failure(std::move(record));
}

void keeper_state::answer(keeper_entry& which, const result<kubeconfig>& outcome)
{
    for (const auto& each : std::exchange(which.waiting, {})) each->finish(outcome);
}

keeper_entry* keeper_state::find(std::string_view id, std::chrono::seconds expiry, credential_type type) const
{
    const auto found = entries_.find(id);
    if (found == entries_.end()) return nullptr;
    for (const auto& each : found->second)
        if (each->key.expiry == expiry && each->key.type == type) return each.get();
    return nullptr;
}

keeper_entry& keeper_state::entry_of(const credential_key& key)
{
    if (keeper_entry* const found = find(key.id, key.expiry, key.type)) return *found;
    make_room();
    auto made = std::make_unique<keeper_entry>(*this, key);
    const lock held(mutex_);
    unkept_.push_back(*made);
    auto& same = entries_[key.id];
    same.push_back(std::move(made));
    return *same.back();
}

/// What nobody keeps, waits for or could be given is forgotten, but for what the cluster refused: it may be on disk still.
void keeper_state::drop_if_idle(keeper_entry& which)
{
    if (which.is_idle() && !which.life.is_valid(boot_now()) && !which.refused_one) forget(which);
}

void keeper_state::forget(keeper_entry& which)
{
    const lock held(mutex_);
    const auto at = entries_.find(which.key.id);
    auto& same = at->second;
    unkept_.erase(unkept_.iterator_to(which));
    same.erase(std::find_if(same.begin(), same.end(), [&](const auto& each) { return each.get() == &which; }));
    if (same.empty()) entries_.erase(at);
}

void keeper_state::make_room()
{
    std::vector<keeper_entry*> idle;
    {
        const lock held(mutex_);
        auto excess = unkept_.size() < options_.most ? 0 : unkept_.size() - options_.most + 1;
        for (auto each = unkept_.begin(); each != unkept_.end() && excess != 0; ++each) {
            if (!each->is_idle()) continue;
            idle.push_back(&*each);
            --excess;
        }
    }
    for (keeper_entry* each : idle) forget(*each);
}

}
