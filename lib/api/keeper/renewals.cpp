#include "api/keeper/renewals.hpp"

#include "api/keeper/keeper_state.hpp"
#include "api/keeper/keeper_waiter.hpp"

#include <algorithm>
#include <utility>

namespace doks::api {

namespace {

/// How long a renewal in the background waits for quota before it counts as failed.
constexpr core::duration patience_with_quota = std::chrono::minutes(2);
/// How long another process may take to mint a credential, and how often the directory is asked meanwhile.
constexpr core::duration patience_with_others = std::chrono::seconds(30);
constexpr core::duration interval_of_looks = std::chrono::seconds(1);

core::instant last_deadline(const keeper_entry& entry)
{
    core::instant last{};
    for (const auto& waiter : entry.waiters) last = (std::max)(last, waiter->deadline());
    return last;
}

}

void keeper_entry::due(core::instant) { keeper.renewals().queue(*this); }

/// Ends a renewal whose coroutine ends before the entry knows, for want of memory or with its context.
class renewals::flight_guard
{
public:
    flight_guard(const std::shared_ptr<keeper_state>& keeper, const operation& renewing, const credential_key& key)
        : keeper_(keeper)
        , renewing_(renewing)
        , key_(key)
    {}
    flight_guard(const flight_guard&) = delete;
    ~flight_guard()
    {
        auto& self = keeper_->renewals();
        if (keeper_entry* const entry = self.renewed_by(renewing_, key_)) self.end(*entry);
    }

private:
    const std::shared_ptr<keeper_state>& keeper_;
    const operation& renewing_;
    const credential_key& key_;
};

renewals::renewals(keeper_state& keeper)
    : keeper_(keeper)
{}

void renewals::queue(keeper_entry& entry)
{
    if (keeper_.is_ending() || entry.renewal != keeper_entry::phase::idle) return;
    auto& cache = keeper_.cache();
    // Another one would not be stored either; that the one held is, is tried at each check.
    if (entry.file.error && cache.serves(entry)) return cache.failed(entry, *entry.file.error);
    queue_.push_back(&entry);
    entry.renewal = keeper_entry::phase::queued;
    start_queued();
}

void renewals::start_queued()
{
    if (std::exchange(starting_, true)) return;
    while (!queue_.empty() && keeper_.cache().counts().in_flight < keeper_.options().in_flight) {
        keeper_entry& first = *queue_.front();
        queue_.pop_front();
        first.renewal = keeper_entry::phase::idle;
        if (is_wanted(first)) start(first);
        keeper_.cache().map().erase_if_useless(first, keeper_.cache().now());
    }
    starting_ = false;
}

void renewals::clear_queue()
{
    for (keeper_entry* entry : std::exchange(queue_, {})) entry->renewal = keeper_entry::phase::idle;
}

void renewals::start_for_call(keeper_entry& entry)
{
    if (entry.renewal == keeper_entry::phase::queued) {
        std::erase(queue_, &entry);
        entry.renewal = keeper_entry::phase::idle;
    }
    start(entry);
    const auto& gate = keeper_.client().token->gate();
    if (entry.waiters.empty() || !waits_for_quota(entry)) return;
    auto& joined = *entry.waiters.back();
    if (gate.next_slot() > joined.deadline()) joined.time_out();
}

/** While the directory takes no files, does not answer or has a write pending, nothing is minted unless a call waits. */
void renewals::start(keeper_entry& entry)
{
    if (entry.is_in_flight()) return overtake(entry);
    auto& files = keeper_.files();
    if (!files.holds(entry)) return begin(entry, keeper_entry::phase::request);
    if (!entry.waiters.empty())
        return begin(entry, files.store().is_slow() ? keeper_entry::phase::request : keeper_entry::phase::directory);
    if (awaits_its_write(entry)) return;
    if (const auto fault = files.store().hindrance()) return keeper_.cache().failed(entry, *fault);
    begin(entry, keeper_entry::phase::directory);
}

void renewals::begin(keeper_entry& entry, keeper_entry::phase first)
{
    const auto made = std::make_shared<operation>(keeper_.shared_client());
    entry.renewal = first;
    entry.flight = made;
    ++keeper_.cache().counts().in_flight;
    try {
        keeper_.run(made, [keeper = keeper_.shared_from_this(), key = entry.key, first](
                              operation& renewing) { return run(keeper, renewing, key, first); });
    } catch (const std::bad_alloc&) {
        if (entry.flight == made) end(entry);
        throw;
    }
}

void renewals::end(keeper_entry& entry)
{
    entry.renewal = keeper_entry::phase::idle;
    entry.flight.reset();
    --keeper_.cache().counts().in_flight;
}

void renewals::cancel(keeper_entry& entry)
{
    if (!entry.is_in_flight()) return;
    const auto cancelled = entry.flight;
    end(entry);
    cancelled->cancel(boost::asio::error::operation_aborted);
}

void renewals::overtake(keeper_entry& entry)
{
    const bool is_behind = entry.priority == net::priority::bulk && waits_for_quota(entry);
    if (entry.waiters.empty() || !is_behind) return;
    cancel(entry);
    begin(entry, keeper_entry::phase::request);
}

awaitable<void> renewals::run(
    std::shared_ptr<keeper_state> keeper, operation& renewing, credential_key key, keeper_entry::phase first)
{
    renewals& self = keeper->renewals();
    const flight_guard guard(keeper, renewing, key);
    std::shared_ptr<void> mint_lock; // until the credential is stored
    if (first == keeper_entry::phase::directory) {
        const auto next = co_await self.check_directory(renewing, key, mint_lock);
        if (next == next_step::end) co_return;
    }
    call_options options;
    request_terms terms;
    if (keeper_entry* const entry = self.renewed_by(renewing, key)) self.set_bounds(*entry, options, terms);
    auto outcome = co_await fetch_credential(renewing, key, options, terms);
    keeper_entry* const entry = self.renewed_by(renewing, key);
    if (entry == nullptr || !self.on_fetched(*entry, std::move(outcome))) co_return;
    co_await kept_files::write(keeper, renewing, key);
}

/// Waits for another process that mints the credential, but not for ever.
awaitable<renewals::next_step> renewals::check_directory(
    operation& renewing, credential_key key, std::shared_ptr<void>& mint_lock)
{
    const auto until = renewing.now() + patience_with_others;
    for (;;) {
        keeper_entry* entry = renewed_by(renewing, key);
        if (entry == nullptr) co_return next_step::end;
        auto outdated = entry->config;
        auto outcome = co_await keeper_.files().store().find(renewing, key, std::move(outdated));
        entry = renewed_by(renewing, key);
        if (entry == nullptr) co_return next_step::end;
        mint_lock = std::move(outcome.mint_lock);
        const auto next = on_lookup(*entry, std::move(outcome));
        if (next != next_step::wait) co_return next;
        if (renewing.now() >= until || renewing.cancelled()) break;
        co_await renewing.pause_until(renewing.now() + interval_of_looks);
    }
    co_return next_step::request;
}

renewals::next_step renewals::on_lookup(keeper_entry& entry, credential_store::lookup outcome)
{
    auto& cache = keeper_.cache();
    if (outcome.opened_again) keeper_.files().check();
    if (outcome.found && cache.is_news(entry, *outcome.found)) cache.adopt(entry, std::move(*outcome.found), false);
    const bool still_due = is_wanted(entry) && entry.schedule.renew_at() <= cache.now();
    const bool needed = !keeper_.is_ending() && (still_due || !cache.serves(entry));
    const bool is_awaited = !entry.waiters.empty();
    if (needed && is_awaited) {
        if (outcome.is_minted_elsewhere && !outcome.fault) return next_step::wait;
        entry.renewal = keeper_entry::phase::request;
        return next_step::request;
    }
    if (needed && !awaits_its_write(entry)) {
        if (outcome.is_minted_elsewhere && !outcome.fault) return next_step::wait;
        if (!outcome.fault) return next_step::request;
        end(entry);
        cache.failed(entry, *outcome.fault);
    } else {
        end(entry);
    }
    cache.map().erase_if_useless(entry, cache.now());
    start_queued();
    return next_step::end;
}

/// True if a credential was minted that has to be stored.
bool renewals::on_fetched(keeper_entry& entry, result<credential> outcome)
{
    auto& cache = keeper_.cache();
    const bool ran_out_of_time = !outcome && outcome.error().why_stopped() == stop_reason::deadline;
    end(entry);
    if (outcome) {
        ++cache.counts().minted;
        cache.adopt(entry, std::move(*outcome), true);
    } else if (ran_out_of_time && !keeper_.is_ending() && last_deadline(entry) > entry.deadline) {
        start(entry); // a call that joined later has more time than the request had
        return false;
    } else {
        cache.failed(entry, outcome.error());
    }
    const bool stores = outcome && keeper_.files().holds(entry);
    if (!stores) cache.map().erase_if_useless(entry, cache.now());
    start_queued();
    return stores;
}

void renewals::set_bounds(keeper_entry& entry, call_options& options, request_terms& terms) const
{
    entry.renewal = keeper_entry::phase::request;
    entry.priority = terms.priority = entry.waiters.empty() ? net::priority::bulk : net::priority::single;
    const auto now = keeper_.transport()->timers().now();
    if (entry.waiters.empty()) {
        terms.reserved_slots = keeper_.options().reserved_slots;
        options.deadline = now + patience_with_quota;
        entry.deadline = core::never;
    } else {
        entry.deadline = last_deadline(entry);
        options.timeout = (std::max)(entry.deadline - now, keeper_.transport()->timeouts().call);
    }
}

keeper_entry* renewals::renewed_by(const operation& renewing, const credential_key& key) const
{
    keeper_entry* const entry = keeper_.cache().map().find(key);
    return entry != nullptr && entry->flight.get() == &renewing ? entry : nullptr;
}

/// What was queued may not be wanted any more.
bool renewals::is_wanted(const keeper_entry& entry) const
{
    const auto lock = keeper_.cache().map().lock();
    return entry.kept || entry.renewal_asked || !entry.waiters.empty();
}

bool renewals::waits_for_quota(const keeper_entry& entry) const
{
    return entry.renewal == keeper_entry::phase::request && entry.flight->waits_for_quota();
}

/// The end of a write plans the renewal again, also of one that takes too long.
bool renewals::awaits_its_write(keeper_entry& entry) const
{
    if (!keeper_.files().is_writing(entry)) return false;
    const auto lock = keeper_.cache().map().lock();
    entry.renewal_asked = false;
    return true;
}

}
