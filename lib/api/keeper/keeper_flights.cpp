#include "api/keeper/keeper_state.hpp"

#include <algorithm>
#include <utility>

namespace doks::api {

namespace {

/// So long a renewal waits for quota before it is said to fail.
constexpr core::duration patience = std::chrono::minutes(2);

}

void keeper_state::start_queued()
{
    if (std::exchange(starting_, true)) return;
    while (!queue_.empty() && counts_.in_flight < options_.in_flight) {
        keeper_entry& first = *queue_.front();
        queue_.pop_front();
        first.queued = false;
        if (is_wanted(first))
            seek(first, net::priority::bulk);
        else
            drop_if_idle(first);
    }
    starting_ = false;
}

/// Nobody may want any more what was queued.
bool keeper_state::is_wanted(const keeper_entry& which) const
{
    const lock held(mutex_);
    return which.kept || which.renewal_asked || !which.waiting.empty();
}

/** Another process may have renewed it in the directory meanwhile.

    While the directory takes no files, does not answer or has a write pending, nothing is minted unless a call waits for it.
*/
void keeper_state::seek(keeper_entry& which, net::priority in)
{
    which.in_haste = which.in_haste || in == net::priority::single;
    if (which.looking) return;
    if (which.flight || !is_stored(which)) return depart(which, in);
    if (!which.waiting.empty()) {
        if (store_->is_slow()) return depart(which, in);
    } else if (awaits_its_write(which)) {
        return;
    } else if (const auto hindrance = store_->hindrance()) {
        failed(which, *hindrance);
        return drop_if_idle(which);
    }
    which.looking = true;
    ++counts_.in_flight;
    store_->look(which.key, [self = shared_from_this(), key = which.key](
                                credential_store::looked_up outcome) { self->looked(key, std::move(outcome)); });
}

/// A write that ends schedules the renewal again, and so does one that takes too long.
bool keeper_state::awaits_its_write(keeper_entry& which)
{
    const lock held(mutex_);
    if (which.storing == 0) return false;
    which.renewal_asked = false;
    return true;
}

/// What is held already is none, whenever it seems to expire by the clock on the wall, nor is what the cluster refused.
bool keeper_state::is_news(const keeper_entry& which, const credential& stored) const
{
    const lock guard(mutex_);
    if (which.refused_one && which.refused_one->bytes() == stored.config.bytes()) return false;
    if (!which.config || which.refused) return true;
    return which.config->bytes() != stored.config.bytes() && stored.expires > which.life.expires();
}

void keeper_state::looked(const credential_key& key, credential_store::looked_up outcome)
{
    --counts_.in_flight;
    keeper_entry* const which = find(key.id, key.expiry, key.type);
    if (which == nullptr || closed_) return drained_if_idle();
    which->looking = false;
    if (outcome.opened_again) check_files();
    if (outcome.held && is_news(*which, *outcome.held)) adopt(*which, std::move(*outcome.held), 0);
    const bool still_due = is_wanted(*which) && which->life.renew_at() <= boot_now();
    const bool serves = which->life.is_valid(boot_now()) && !is_refused(*which);
    const bool awaits = which->waiting.empty() && awaits_its_write(*which);
    if (!drainage_ && !awaits && (!serves || still_due)) {
        if (!outcome.fault || !which->waiting.empty()) {
            depart(*which, which->in_haste && !which->waiting.empty() ? net::priority::single : net::priority::bulk);
        } else {
            failed(*which, *outcome.fault);
            drop_if_idle(*which);
        }
    }
    start_queued();
    drained_if_idle();
}

core::instant keeper_state::last_deadline(const keeper_entry& which) const
{
    core::instant last{};
    for (const auto& each : which.waiting) last = (std::max)(last, each->until());
    return last;
}

/// A request that a call waits for does not stand in the renewals' queue.
void keeper_state::depart(keeper_entry& which, net::priority in)
{
    if (which.flight) {
        const bool overtakes = in == net::priority::single && which.flight_priority == net::priority::bulk;
        if (!overtakes || !which.flight->waits_for_quota()) return;
        cut(which);
    }
    const auto now = transport().timers().now();
    request_terms terms;
    call_options options;
    terms.priority = which.flight_priority = in;
    if (in == net::priority::bulk) {
        terms.reserved_slots = options_.reserved_slots;
        options.deadline = now + patience;
        which.flight_until = core::never;
    } else {
        which.flight_until = last_deadline(which);
        options.timeout = (std::max)(which.flight_until - now, transport().timeouts().call);
    }
    ++counts_.in_flight;
    which.flight = std::make_shared<operation>(client_);
    auto fetch = [self = shared_from_this(), key = which.key, options, terms](
                     operation& fetching) { return keeper_state::fetch(self, fetching, key, options, terms); };
    operation::run(which.flight, fetch);
}

awaitable<void> keeper_state::fetch(std::shared_ptr<keeper_state> self, operation& fetching, credential_key key,
    call_options options, request_terms terms)
{
    auto outcome = co_await fetch_credential(fetching, key, options, terms);
    keeper_entry* const which = self->find(key.id, key.expiry, key.type);
    const bool is_awaited = which != nullptr && which->flight.get() == &fetching;
    if (is_awaited) self->landed(*which, std::move(outcome));
}

/// A renewal that a call waits for may have begun to wait for quota since.
void keeper_state::hurry(keeper_entry& which)
{
    if (which.flight && which.flight_priority == net::priority::bulk && which.flight->waits_for_quota())
        depart(which, net::priority::single);
}

void keeper_state::landed(keeper_entry& which, result<credential> outcome)
{
    which.flight.reset();
    which.in_haste = false;
    --counts_.in_flight;
    if (outcome) {
        ++counts_.minted;
        adopt(which, std::move(*outcome), 1);
        if (is_stored(which)) store(which);
    } else if (!drainage_ && outcome.error().why_stopped() == stop_reason::deadline &&
               last_deadline(which) > which.flight_until) {
        return seek(which, net::priority::single); // who joined later has more time than the request had
    } else {
        failed(which, outcome.error());
    }
    drop_if_idle(which);
    start_queued();
    drained_if_idle();
}

}
