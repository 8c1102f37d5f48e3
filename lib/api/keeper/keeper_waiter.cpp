#include "api/keeper/keeper_waiter.hpp"

#include "api/keeper/keeper_state.hpp"
#include "api/requests.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace doks::api {

namespace {

failure timeout_error(keeper_state& keeper, const keeper_entry& entry)
{
    failure_record record;
    const auto& gate = keeper.client().token->gate();
    const bool parked = keeper.renewals().waits_for_quota(entry);
    if (parked) record = gate.why_closed(gate.next_slot());
    record.operation = "GET kubeconfig of cluster " + entry.key.id;
    record.code = parked ? errc::quota_exhausted : errc::timed_out;
    switch (entry.renewal) {
    case keeper_entry::phase::idle:
    case keeper_entry::phase::queued:
        record.phase = "queue";
        break;
    case keeper_entry::phase::directory:
        record.phase = "disk";
        break;
    case keeper_entry::phase::request:
        record.phase = parked ? "quota" : to_string(entry.flight->whereabouts());
    }
    record.why = stop_reason::deadline;
    record.layer = "timeout";
    if (entry.schedule.is_failing()) record.last_cause = entry.schedule.error().code();
    explain(record, {});
    return failure(std::move(record));
}

}

keeper_waiter::keeper_waiter(
    std::shared_ptr<net::shared_transport> transport, completion::handler handler, core::instant deadline)
    : transport_(std::move(transport))
    , done_(std::move(handler), transport_->home())
    , deadline_(deadline)
{}

void keeper_waiter::join(keeper_entry& entry)
{
    entry_ = &entry;
    entry.waiters.push_back(shared_from_this());
    look_again(transport_->timers().now());
}

/// A renewal in the background may begin to wait for quota later: then it has to go ahead of the others.
void keeper_waiter::look_again(core::instant now)
{
    constexpr auto interval = std::chrono::seconds(1);
    transport_->timers().set(*this, (std::min)(deadline_, core::later(now, interval)));
}

void keeper_waiter::due(core::instant now)
{
    const auto self = shared_from_this();
    if (entry_ == nullptr) return;
    auto& keeper = entry_->keeper;
    if (now >= deadline_) return time_out();
    look_again(now);
    if (entry_->waiters.front() == self) keeper.renewals().overtake(*entry_);
}

void keeper_waiter::withdraw(failure error)
{
    const auto self = shared_from_this();
    auto& waiters = entry_->waiters;
    waiters.erase(std::find(waiters.begin(), waiters.end(), self));
    finish(std::move(error));
}

void keeper_waiter::time_out() { withdraw(timeout_error(entry_->keeper, *entry_)); }

void keeper_waiter::finish(result<kubeconfig> outcome)
{
    entry_ = nullptr;
    transport_->timers().clear(*this);
    done_.finish(
        [outcome = std::move(outcome)]() mutable { return std::tuple<result<kubeconfig>>(std::move(outcome)); });
}

}
