#include <doks/keeper.hpp>

#include "api/keeper/keeper_state.hpp"
#include "api/requests.hpp"
#include "kubeconfig/read/server_key.hpp"

#include <algorithm>
#include <utility>

namespace doks::api {

std::shared_ptr<keeper_state> keeper_state::make(const client& from, keeper_options options)
{
    const auto refuse = [](std::string detail) {
        throw invalid_call("keeper_options", std::move(detail), "leave it out, or give a value above zero");
    };
    if (options.expiry.count() < 0) refuse("expiry is negative");
    if (options.margin.count() < 0) refuse("margin is negative");
    if (options.in_flight == 0) refuse("in_flight is zero");
    if (options.most == 0) refuse("most is zero");
    const auto& state = client_access::state_of(from);
    auto made = std::make_shared<keeper_state>(state, std::move(options));
    if (made->store_)
        made->store_->when_idle = [weak = made->weak_from_this()] {
            if (const auto alive = weak.lock()) alive->drained_if_idle();
        };
    state->transport->home().context->add(*made);
    return made;
}

const boost::asio::any_io_executor& keeper_state::user_executor() const noexcept { return transport().user_executor(); }

void keeper_state::invalidate(std::string_view id, const kubeconfig* only)
{
    bool any = false;
    {
        const lock guard(mutex_);
        const auto found = entries_.find(id);
        if (found == entries_.end()) return;
        for (const auto& each : found->second) {
            if (!each->config || (only != nullptr && each->config->bytes() != only->bytes())) continue;
            each->refused = true;
            each->refused_one = each->config;
            any = true;
        }
    }
    if (!any) return;
    on_strand([key = std::string(id)](keeper_state& self) {
        const auto found = self.entries_.find(key);
        if (found == self.entries_.end()) return;
        std::vector<keeper_entry*> same;
        for (const auto& each : found->second)
            if (self.is_refused(*each)) same.push_back(each.get());
        for (keeper_entry* each : same) {
            std::optional<kubeconfig> refused;
            {
                const lock guard(self.mutex_);
                each->life.refused(self.boot_now());
                refused = each->refused_one;
            }
            if (refused && self.is_stored(*each)) self.store_->erase(key, std::move(*refused));
            self.schedule(*each);
        }
    });
}

bool keeper_state::is_refused(const keeper_entry& which) const
{
    const lock guard(mutex_);
    return which.refused;
}

void keeper_state::keep(std::vector<std::string> ids, std::vector<std::string> unlisted)
{
    for (const auto* const each : {&ids, &unlisted})
        for (const auto& id : *each)
            if (const auto reason = why_not_id(id))
                throw invalid_call("keeper::keep", "cluster id: " + *reason, "give the cluster's id, a UUID");
    on_strand(
        [ids = std::move(ids), unlisted = std::move(unlisted)](keeper_state& self) { self.keep_now(ids, unlisted); });
}

renewal_event keeper_state::change_of(const keeper_entry& which, renewal_status status, failure why) const
{
    renewal_event change;
    change.id = which.key.id;
    change.status = status;
    change.error = std::move(why);
    if (status == renewal_status::renewed || (status == renewal_status::not_stored && which.unannounced))
        change.config = which.config;
    const auto left = which.life.expires() - boot_now();
    if (which.config && which.life.expires() != core::never && left > core::duration::zero())
        change.valid_until = transport().timers().time().wall_now() +
                             std::chrono::duration_cast<std::chrono::system_clock::duration>(left);
    return change;
}

void keeper_state::publish(const keeper_entry& which, renewal_status status, failure why)
{
    if (!which.kept) return;
    const auto change = change_of(which, status, std::move(why));
    std::vector<std::shared_ptr<keeper_changes>> readers;
    {
        const lock guard(mutex_);
        for (const auto& each : readers_)
            if (auto reader = each.lock()) readers.push_back(std::move(reader));
        readers_.assign(readers.begin(), readers.end());
    }
    for (const auto& each : readers) {
        if (status == renewal_status::gone) each->drop(newest_of_each_kind::good(change.id));
        if (status == renewal_status::renewed) each->drop(newest_of_each_kind::bad(change.id));
        each->push(change);
    }
}

/// What is held, and that renewing it fails, where it does.
void keeper_state::tell_all(const keeper_entry& which)
{
    publish(which, renewal_status::renewed, {});
    if (which.life.failures() != 0) publish(which, renewal_status::failing, which.why);
}

std::shared_ptr<keeper_changes> keeper_state::subscribe()
{
    auto reader = std::make_shared<keeper_changes>(user_executor());
    const auto now = boot_now();
    const lock guard(mutex_);
    if (closed_) {
        reader->close();
        return reader;
    }
    readers_.push_back(reader);
    for_each([&](const keeper_entry& each) {
        if (!each.kept) return;
        const bool serves = each.life.is_valid(now) && !each.refused;
        if (serves && each.told_unstored)
            reader->push(change_of(each, renewal_status::not_stored, *each.unstored));
        else if (serves && !each.unannounced)
            reader->push(change_of(each, renewal_status::renewed, {}));
        if (each.life.failures() != 0)
            reader->push(
                change_of(each, each.absence.is_gone() ? renewal_status::gone : renewal_status::failing, each.why));
    });
    return reader;
}

keeper_stats keeper_state::stats() const
{
    keeper_stats now;
    now.minted = counts_.minted;
    now.saved = counts_.saved;
    now.served_stale = counts_.served_stale;
    now.in_flight = counts_.in_flight;
    const auto boot = boot_now();
    const lock guard(mutex_);
    for_each([&](const keeper_entry& each) {
        const bool valid = each.config && !each.refused && each.life.is_valid(boot);
        now.held += valid;
        now.kept += each.kept;
        now.valid += each.kept && valid;
        now.unstored += each.kept && valid && (each.unstored || each.storing != 0);
        now.failing += each.kept && each.life.failures() != 0;
    });
    return now;
}

}

namespace doks {

/// The handles of one keeper; the state itself is held by what is under way, too.
struct keeper::owner
{
    explicit owner(std::shared_ptr<api::keeper_state> of)
        : state(std::move(of))
    {}
    owner(const owner&) = delete;
    owner& operator=(const owner&) = delete;
    ~owner() { state->close(); }

    const std::shared_ptr<api::keeper_state> state;
};

std::string_view to_string(renewal_status status) noexcept
{
    switch (status) {
    case renewal_status::renewed:
        return "renewed";
    case renewal_status::failing:
        return "failing";
    case renewal_status::gone:
        return "gone";
    case renewal_status::not_stored:
        return "not stored";
    }
    return "unknown";
}

namespace {

/// So that a hit costs no allocation.
bool is_as_the_api_writes_it(std::string_view id)
{
    return std::none_of(id.begin(), id.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}

keeper::keeper(client from, keeper_options options)
    : owner_(std::make_shared<owner>(api::keeper_state::make(from, std::move(options))))
{}

std::optional<kubeconfig> keeper::held(std::string_view id, call_options options) const
{
    if (is_as_the_api_writes_it(id)) return owner_->state->held(id, options);
    return owner_->state->held(kube::canonical_id(std::string(id)), options);
}

void keeper::invalidate(std::string_view id) const
{
    owner_->state->invalidate(kube::canonical_id(std::string(id)), nullptr);
}

void keeper::invalidate(const doks::kubeconfig& refused) const
{
    owner_->state->invalidate(refused.cluster_id(), &refused);
}

void keeper::keep(std::vector<std::string> ids, std::vector<std::string> unlisted) const
{
    for (auto* const each : {&ids, &unlisted})
        for (auto& id : *each) id = kube::canonical_id(std::move(id));
    owner_->state->keep(std::move(ids), std::move(unlisted));
}

stream<renewal_event> keeper::changes() const { return stream<renewal_event>(owner_->state->subscribe()); }

keeper_stats keeper::stats() const { return owner_->state->stats(); }

const boost::asio::any_io_executor& keeper::executor() const noexcept { return owner_->state->user_executor(); }

void keeper::start_kubeconfig(std::string_view id, const call_options& options,
    boost::asio::any_completion_handler<void(result<doks::kubeconfig>)> handler) const
{
    owner_->state->get(kube::canonical_id(std::string(id)), options, std::move(handler));
}

void keeper::start_drain(
    std::chrono::steady_clock::duration bound, boost::asio::any_completion_handler<void()> handler) const
{
    owner_->state->drain(bound, std::move(handler));
}

}
