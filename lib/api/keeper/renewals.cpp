#include "api/keeper/renewals.hpp"

#include "api/keeper/keeper_state.hpp"
#include "api/keeper/keeper_waiter.hpp"
#include "core/scoped_flag.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

namespace doks::api {

namespace {

/// How long a renewal in the background waits for quota before it counts as failed.
constexpr core::duration patience_with_quota = std::chrono::minutes(2);
/// How long a call waits for another process that mints, and how often the directory is asked meanwhile. A renewal without a
/// call waits longer, for the other process may wait for quota as well.
constexpr core::duration patience_with_others = std::chrono::seconds(30);
constexpr core::duration interval_of_looks = std::chrono::seconds(1);
/// A lock takes a descriptor. Calls that begin while more renewals are under way take none.
constexpr std::size_t max_locks = 64;

core::instant last_deadline(const keeper_entry& entry)
{
    core::instant last{};
    for (const auto& waiter : entry.waiters) last = (std::max)(last, waiter->deadline());
    return last;
}

}

void keeper_entry::due(core::instant)
{
    try {
        keeper.renewals().queue(*this);
    } catch (const std::bad_alloc&) {
        keeper.cache().plan_renewal(*this); // else it would not be due again
        throw;
    }
}

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
        keeper_entry* const entry = self.renewed_by(renewing_, key_);
        if (entry == nullptr) return;
        self.end(*entry);
        if (std::uncaught_exceptions() == 0) return; // it goes with its context
        try {
            keeper_->cache().plan_renewal(*entry);
        } catch (const std::bad_alloc&) {
            // Another call, or the next listing, brings it back.
        }
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
    if (starting_) return;
    const core::scoped_flag starts(starting_);
    while (!queue_.empty() && keeper_.cache().counts().in_flight < keeper_.options().in_flight) {
        keeper_entry& first = *queue_.front();
        queue_.pop_front();
        first.renewal = keeper_entry::phase::idle;
        const auto key = first.key;
        if (is_wanted(first)) start(first);
        auto& map = keeper_.cache().map();
        keeper_entry* const still = map.find(key); // a renewal that fails at once may have erased it
        if (still != nullptr) map.erase_if_useless(*still, keeper_.cache().now());
    }
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
    const auto key = entry.key;
    start(entry);
    const keeper_entry* const still =
        keeper_.cache().map().find(key); // a renewal that fails at once may have erased it
    if (still == nullptr || still->waiters.empty() || !waits_for_quota(*still)) return;
    auto& joined = *still->waiters.back();
    if (keeper_.client().token->gate().next_slot() > joined.deadline()) joined.time_out();
}

/// While the directory takes no files, does not answer or has a write pending, nothing is minted unless a call waits.
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
    const auto key = entry.key;
    entry.renewal = first;
    entry.flight = made;
    ++keeper_.cache().counts().in_flight;
    try {
        keeper_.run(made, [keeper = keeper_.shared_from_this(), key, first](
                              operation& renewing) { return run(keeper, renewing, key, first); });
    } catch (const std::bad_alloc&) {
        keeper_entry* const still = keeper_.cache().map().find(key);
        if (still != nullptr && still->flight == made) end(*still);
        throw;
    }
}

void renewals::end(keeper_entry& entry)
{
    entry.renewal = keeper_entry::phase::idle;
    entry.flight.reset();
    entry.mint_lock.reset();
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
    auto mint_lock = std::move(entry.mint_lock);
    cancel(entry);
    entry.mint_lock = std::move(mint_lock);
    begin(entry, keeper_entry::phase::request);
}

awaitable<void> renewals::run(
    std::shared_ptr<keeper_state> keeper, operation& renewing, credential_key key, keeper_entry::phase first)
{
    renewals& self = keeper->renewals();
    const flight_guard guard(keeper, renewing, key);
    if (first == keeper_entry::phase::directory) {
        const auto next = co_await self.check_directory(renewing, key);
        if (next == next_step::end) co_return;
    }
    call_options options;
    request_terms terms;
    if (keeper_entry* const entry = self.renewed_by(renewing, key)) self.set_bounds(*entry, options, terms);
    auto outcome = co_await fetch_credential(renewing, key, options, terms);
    keeper_entry* const entry = self.renewed_by(renewing, key);
    if (entry == nullptr) co_return;
    const auto mint_lock = entry->mint_lock; // until the credential is stored
    if (!self.on_fetched(*entry, std::move(outcome))) co_return;
    co_await kept_files::write(keeper, renewing, key);
}

/// Waits for another process that mints the credential, but not for ever.
awaitable<renewals::next_step> renewals::check_directory(operation& renewing, credential_key key)
{
    const auto until = renewing.now() + patience_with_others;
    for (;;) {
        keeper_entry* entry = renewed_by(renewing, key);
        if (entry == nullptr) co_return next_step::end;
        auto outdated = entry->config;
        const bool locks = keeper_.cache().counts().in_flight <= max_locks;
        auto outcome = co_await keeper_.files().store().find(renewing, key, std::move(outdated), locks);
        entry = renewed_by(renewing, key);
        if (entry == nullptr) co_return next_step::end;
        entry->mint_lock = std::move(outcome.mint_lock);
        const auto next = on_lookup(*entry, std::move(outcome));
        if (next != next_step::wait) co_return next;
        if (renewing.now() >= until || renewing.cancelled()) break;
        co_await renewing.pause_until(renewing.now() + interval_of_looks);
    }
    co_return next_step::request;
}

/// Not so long that a credential at hand expires.
bool renewals::waits_for_other(keeper_entry& entry, core::instant waited_until) const
{
    auto& cache = keeper_.cache();
    const auto now = cache.now();
    const auto left = cache.serves(entry) ? entry.schedule.expires() - now : core::duration::max();
    const auto patience = (std::min)(patience_with_quota + patience_with_others, left / 2);
    entry.other_mints_until = waited_until == core::instant() ? now + patience : waited_until;
    const auto lock = cache.map().lock();
    entry.renewal_asked = false;
    return now < entry.other_mints_until;
}

renewals::next_step renewals::on_lookup(keeper_entry& entry, credential_store::lookup outcome)
{
    auto& cache = keeper_.cache();
    if (outcome.opened_again) keeper_.files().check();
    if (outcome.found && cache.is_news(entry, *outcome.found)) cache.adopt(entry, std::move(*outcome.found), false);
    const bool still_due = is_wanted(entry) && entry.schedule.renew_at() <= cache.now();
    const bool needed = !keeper_.is_ending() && (still_due || !cache.serves(entry));
    const bool other_mints = outcome.is_minted_elsewhere && !outcome.fault;
    const auto waited_until = std::exchange(entry.other_mints_until, core::instant());
    if (needed && !entry.waiters.empty()) return other_mints ? next_step::wait : next_step::request;
    if (!needed || awaits_its_write(entry)) {
        end(entry);
    } else if (outcome.fault) {
        end(entry);
        cache.failed(entry, *outcome.fault);
    } else if (other_mints && waits_for_other(entry, waited_until)) {
        end(entry); // others take its place meanwhile
        cache.plan_renewal(entry, cache.now() + interval_of_looks);
    } else {
        entry.other_mints_until = {}; // the next renewal has its own patience
        return next_step::request;
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
    auto mint_lock = entry.mint_lock;
    end(entry);
    if (outcome) {
        ++cache.counts().minted;
        cache.adopt(entry, std::move(*outcome), true);
    } else if (ran_out_of_time && !keeper_.is_ending() && last_deadline(entry) > entry.deadline) {
        entry.mint_lock = std::move(mint_lock);
        begin(entry, keeper_entry::phase::request); // a call that joined later has more time than the request had
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
