#include "api/keeper/credential_cache.hpp"

#include "api/keeper/keeper_state.hpp"
#include "async/random.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace doks::api {

namespace {

/** When within the margin a credential is renewed: nearly the same after a restart, so that it brings no renewal forward,
    and not quite the same in two processes that share a directory, so that one of them finds the other's.
*/
double moment_of(const kubeconfig& config)
{
    constexpr double by_chance = 0.05;
    constexpr std::size_t steps = 1U << 20;
    const auto own = static_cast<double>(std::hash<std::string_view>()(config.bytes()) % steps) / steps;
    return own * (1 - by_chance) + async::random_unit() * by_chance;
}

}

credential_cache::credential_cache(keeper_state& keeper, const keeper_options& options)
    : keeper_(keeper)
    , options_(options)
    , timers_(keeper.transport()->shared_timers())
    , map_(options.max_entries)
{}

std::optional<kubeconfig> credential_cache::held(std::string_view id, std::chrono::seconds expiry, credential_type type)
{
    const auto at = now();
    const auto lock = map_.lock();
    keeper_entry* const entry = map_.find(id, expiry, type);
    if (entry == nullptr || !entry->serves(at)) return std::nullopt;
    ++counts_.saved;
    if (entry->schedule.is_failing()) ++counts_.served_stale;
    map_.on_use(*entry);
    const bool is_due = entry->schedule.renew_at() <= at && !entry->kept;
    if (is_due && !std::exchange(entry->renewal_asked, true))
        keeper_.on_strand([key = entry->key](keeper_state& keeper) {
            keeper_entry* const still = keeper.cache().map().find(key);
            if (still != nullptr) keeper.renewals().queue(*still);
        });
    return entry->config;
}

bool credential_cache::mark_refused(std::string_view id, const kubeconfig* only)
{
    bool any = false;
    const auto lock = map_.lock();
    map_.for_each(id, [&](keeper_entry& entry) {
        if (!entry.config || (only != nullptr && entry.config->bytes() != only->bytes())) return;
        entry.refused = any = true;
        entry.refused_one = entry.config;
    });
    return any;
}

std::shared_ptr<renewal_events> credential_cache::subscribe()
{
    auto reader = std::make_shared<renewal_events>(keeper_.user_executor());
    const auto at = now();
    const auto lock = map_.lock();
    if (closed_) {
        reader->close();
        return reader;
    }
    readers_.push_back(reader);
    map_.for_each([&](const keeper_entry& entry) {
        if (!entry.kept) return;
        if (entry.serves(at) && entry.file.error_published)
            reader->push(event_of(entry, renewal_status::not_stored, *entry.file.error));
        else if (entry.serves(at) && !entry.file.renewal_unpublished)
            reader->push(event_of(entry, renewal_status::renewed, {}));
        const auto trouble = entry.schedule.is_gone() ? renewal_status::gone : renewal_status::failing;
        if (entry.schedule.is_failing()) reader->push(event_of(entry, trouble, entry.schedule.error()));
    });
    return reader;
}

keeper_stats credential_cache::stats() const
{
    keeper_stats stats;
    stats.minted = counts_.minted;
    stats.saved = counts_.saved;
    stats.served_stale = counts_.served_stale;
    stats.in_flight = counts_.in_flight;
    const auto at = now();
    const auto lock = map_.lock();
    map_.for_each([&](const keeper_entry& entry) {
        const bool valid = entry.serves(at);
        stats.held += valid;
        stats.kept += entry.kept;
        stats.valid += entry.kept && valid;
        stats.unstored += entry.kept && valid && (entry.file.error || !entry.file.writing.expired());
        stats.failing += entry.kept && entry.schedule.is_failing();
    });
    return stats;
}

bool credential_cache::serves(const keeper_entry& entry) const
{
    const auto at = now();
    const auto lock = map_.lock();
    return entry.serves(at);
}

/// Nothing that is held already is news, whenever it seems to expire by the wall clock, nor is what the cluster refused.
bool credential_cache::is_news(const keeper_entry& entry, const credential& other) const
{
    const auto lock = map_.lock();
    if (entry.was_refused(other.config)) return false;
    if (!entry.config || entry.refused) return true;
    return entry.config->bytes() != other.config.bytes() && other.expires > entry.schedule.expires();
}

void credential_cache::adopt(keeper_entry& entry, credential fresh, bool minted)
{
    // One of the calls that wait is the reason for which it was minted.
    counts_.saved += (std::max<std::size_t>)(entry.waiters.size(), 1) - (minted ? 1 : 0);
    {
        const auto lock = map_.lock();
        entry.schedule.renewed(fresh.since, fresh.expires, options_.margin, moment_of(fresh.config));
        entry.config = std::move(fresh.config);
        entry.refused = entry.renewal_asked = false;
        if (!entry.was_refused(*entry.config)) entry.refused_one.reset();
        if (!minted) entry.file.error.reset();
        if (!minted) entry.file.error_published = false;
        entry.file.renewal_unpublished = minted && keeper_.files().holds(entry);
    }
    answer(entry, *entry.config);
    if (!entry.file.renewal_unpublished) publish(entry, renewal_status::renewed);
    plan_renewal(entry);
}

void credential_cache::failed(keeper_entry& entry, const failure& error)
{
    using news = core::renewal_schedule::news;
    news told = news::none;
    std::optional<kubeconfig> ended;
    {
        const auto lock = map_.lock();
        told = entry.schedule.failed(now(), error, async::random_unit());
        entry.renewal_asked = false;
        if (told == news::gone) {
            ended = std::exchange(entry.config, std::nullopt);
            entry.file.error.reset();
            entry.file.error_published = entry.file.renewal_unpublished = false;
        }
    }
    if (ended) keeper_.files().erase(entry, std::move(*ended));
    answer(entry, error);
    if (told != news::none) publish(entry, told == news::gone ? renewal_status::gone : renewal_status::failing, error);
    plan_renewal(entry);
}

void credential_cache::plan_renewal(keeper_entry& entry, core::instant not_before)
{
    if (!entry.kept || stopped_)
        timers_.clear(entry);
    else
        timers_.set(entry, (std::max)(entry.schedule.renew_at(), not_before));
}

void credential_cache::answer(keeper_entry& entry, const result<kubeconfig>& outcome)
{
    for (const auto& waiter : std::exchange(entry.waiters, {})) waiter->finish(outcome);
}

renewal_event credential_cache::event_of(const keeper_entry& entry, renewal_status status, failure error) const
{
    renewal_event event;
    event.id = entry.key.id;
    event.status = status;
    event.error = std::move(error);
    if (status == renewal_status::renewed || (status == renewal_status::not_stored && entry.file.renewal_unpublished))
        event.config = entry.config;
    const auto left = entry.schedule.expires() - now();
    if (entry.config && entry.schedule.expires() != core::never && left > core::duration::zero())
        event.valid_until = keeper_.transport()->timers().time().wall_now() +
                            std::chrono::duration_cast<std::chrono::system_clock::duration>(left);
    return event;
}

void credential_cache::publish(const keeper_entry& entry, renewal_status status, failure error)
{
    if (!entry.kept) return;
    const auto event = event_of(entry, status, std::move(error));
    std::vector<std::shared_ptr<renewal_events>> readers;
    {
        const auto lock = map_.lock();
        for (const auto& weak : readers_)
            if (auto reader = weak.lock()) readers.push_back(std::move(reader));
        readers_.assign(readers.begin(), readers.end());
    }
    for (const auto& reader : readers) {
        if (status == renewal_status::gone) reader->drop(newest_of_each_kind::good(event.id));
        if (status == renewal_status::renewed) reader->drop(newest_of_each_kind::bad(event.id));
        reader->push(event);
    }
}

void credential_cache::publish_all(const keeper_entry& entry)
{
    publish(entry, renewal_status::renewed);
    if (entry.schedule.is_failing()) publish(entry, renewal_status::failing, entry.schedule.error());
}

void credential_cache::keep(keeper_entry& entry)
{
    if (entry.kept) return;
    const bool valid = serves(entry);
    {
        const auto lock = map_.lock();
        map_.set_kept(entry, true);
        // Its file may be gone, or may never have been there.
        if (valid && keeper_.files().holds(entry)) entry.file.renewal_unpublished = true;
    }
    if (valid && !entry.file.renewal_unpublished) publish_all(entry);
    if (!valid && entry.schedule.is_failing()) publish(entry, renewal_status::failing, entry.schedule.error());
}

void credential_cache::release(keeper_entry& entry)
{
    {
        const auto lock = map_.lock();
        map_.set_kept(entry, false);
        entry.file.error.reset();
        entry.file.error_published = entry.file.renewal_unpublished = false;
    }
    plan_renewal(entry);
    map_.erase_if_useless(entry, now());
}

void credential_cache::stop()
{
    stopped_ = true;
    map_.for_each([&](keeper_entry& entry) { timers_.clear(entry); });
}

void credential_cache::close()
{
    stop();
    std::vector<std::weak_ptr<renewal_events>> readers;
    {
        const auto lock = map_.lock();
        closed_ = true;
        readers.swap(readers_);
    }
    for (const auto& weak : readers)
        if (const auto reader = weak.lock()) reader->close();
    map_.clear();
}

}
