#include "api/keeper/kept_files.hpp"

#include "api/keeper/keeper_state.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace doks::api {

namespace {

constexpr core::duration check_interval = std::chrono::seconds(10);

}

kept_files::kept_files(keeper_state& keeper, std::shared_ptr<credential_store> store)
    : keeper_(keeper)
    , store_(std::move(store))
{}

kept_files::~kept_files() { stop(); }

void kept_files::stop() { keeper_.transport()->timers().clear(*this); }

bool kept_files::holds(const keeper_entry& entry) const
{
    return store_ && entry.key.expiry == keeper_.options().expiry && entry.key.type == credential_type::token;
}

/// The file has to be there now.
bool kept_files::is_expected(const keeper_entry& entry) const
{
    return entry.kept && holds(entry) && !is_writing(entry) && keeper_.cache().serves(entry);
}

awaitable<void> kept_files::write(std::shared_ptr<keeper_state> keeper, operation& writing, credential_key key)
{
    kept_files& self = keeper->files();
    std::shared_ptr<void> token;
    kubeconfig config;
    {
        const auto lock = keeper->cache().map().lock();
        keeper_entry* const entry = keeper->cache().map().find(key);
        if (entry == nullptr || !entry->config || !self.holds(*entry)) co_return;
        config = *entry->config;
        token = entry->file.writing.lock();
        if (!token) token = std::make_shared<int>();
        entry->file.writing = token;
    }
    const auto fault = co_await self.store_->put(writing, key, std::move(config));
    token.reset();
    self.on_written(key, fault);
}

void kept_files::start_write(const keeper_entry& entry)
{
    keeper_.run([keeper = keeper_.shared_from_this(), key = entry.key](
                    operation& writing) { return write(keeper, writing, key); });
}

/// Of several writes of one entry the last one counts.
void kept_files::on_written(const credential_key& key, const put_fault& fault)
{
    keeper_entry* const entry = keeper_.cache().map().find(key);
    if (entry == nullptr || is_writing(*entry)) return;
    if (!fault) {
        on_disk(*entry);
    } else {
        // The directory may have been replaced: then the check opens it again, and stores what is held.
        const bool lasts = entry->file.error.has_value() || store_->is_slow();
        not_stored(*entry, *fault, lasts || keeper_.is_ending()); // a drain makes no check
        if (!lasts) check();
    }
    keeper_.cache().plan_renewal(*entry);
    keeper_.cache().map().erase_if_useless(*entry, keeper_.cache().now());
}

void kept_files::not_stored(keeper_entry& entry, const failure& error, bool publish)
{
    if (!entry.kept) return;
    bool is_news = false;
    {
        const auto lock = keeper_.cache().map().lock();
        entry.file.error = error;
        is_news = publish && !std::exchange(entry.file.error_published, true);
    }
    if (is_news) keeper_.cache().publish(entry, renewal_status::not_stored, error);
}

/// The directory holds what the keeper holds.
void kept_files::on_disk(keeper_entry& entry)
{
    bool is_news = false;
    bool hindered = false;
    {
        const auto lock = keeper_.cache().map().lock();
        hindered = entry.file.error && entry.schedule.is_failing();
        is_news = entry.file.renewal_unpublished || entry.file.error_published;
        entry.file.error.reset();
        entry.file.error_published = entry.file.renewal_unpublished = false;
        if (hindered) entry.schedule.hasten(keeper_.cache().now());
    }
    if (is_news) keeper_.cache().publish_all(entry);
    if (hindered) keeper_.cache().plan_renewal(entry);
}

void kept_files::erase(const keeper_entry& entry, kubeconfig only)
{
    if (holds(entry)) store_->erase(entry.key.id, std::move(only));
}

void kept_files::plan_check()
{
    bool any = false;
    keeper_.cache().map().for_each([&](const keeper_entry& entry) { any = any || entry.kept; });
    auto& timers = keeper_.transport()->timers();
    if (!any) return timers.clear(*this);
    timers.set(*this, timers.now() + check_interval);
}

void kept_files::check()
{
    if (!store_ || keeper_.is_ending()) return;
    plan_check();
    check_again_ = !checking_.expired();
    if (check_again_) return;
    checking_ =
        keeper_.run([keeper = keeper_.shared_from_this()](operation& checking) { return run_check(keeper, checking); });
}

awaitable<void> kept_files::run_check(std::shared_ptr<keeper_state> keeper, operation& checking)
{
    kept_files& self = keeper->files();
    std::vector<kube::expected_file> expected;
    std::vector<credential_key> asked;
    keeper->cache().map().for_each([&](const keeper_entry& entry) {
        if (!self.is_expected(entry)) return;
        expected.push_back({entry.key.id, *entry.config});
        if (entry.file.renewal_unpublished || entry.file.error) asked.push_back(entry.key);
    });
    auto outcome = co_await self.store_->check(checking, std::move(expected), keeper->options().expiry);
    self.checking_.reset();
    if (!keeper->is_ending()) self.on_checked(asked, std::move(outcome));
}

void kept_files::on_checked(const std::vector<credential_key>& asked, credential_store::check_outcome outcome)
{
    std::vector<std::string> lost;
    for (const auto& file : outcome.lost) lost.push_back(file.expected.id);
    for (auto& file : outcome.lost) on_lost(std::move(file), outcome.fault);
    for (const auto& key : asked) {
        keeper_entry* const entry = keeper_.cache().map().find(key);
        const bool was_there = std::find(lost.begin(), lost.end(), key.id) == lost.end();
        if (entry != nullptr && outcome.is_complete && was_there && is_expected(*entry)) on_disk(*entry);
    }
    if (outcome.fault_passed) hasten_what_waits_for_the_directory();
    if (check_again_)
        check();
    else
        plan_check();
}

void kept_files::on_lost(credential_store::lost_file lost, const put_fault& fault)
{
    auto& cache = keeper_.cache();
    keeper_entry* const entry = cache.map().find(lost.expected.id, keeper_.options().expiry, credential_type::token);
    if (entry == nullptr || !is_expected(*entry) || entry->config->bytes() != lost.expected.config.bytes()) return;
    if (lost.found) {
        const auto lock = cache.map().lock();
        if (entry->was_refused(lost.found->config)) lost.is_as_good = false;
    }
    if (lost.found && (lost.is_as_good || cache.is_news(*entry, *lost.found)))
        return cache.adopt(*entry, std::move(*lost.found), false);
    if (lost.is_as_good) return on_disk(*entry);
    if (fault) return not_stored(*entry, *fault, true);
    start_write(*entry);
}

void kept_files::hasten_what_waits_for_the_directory()
{
    auto& cache = keeper_.cache();
    std::vector<keeper_entry*> waiting;
    cache.map().for_each([&](keeper_entry& entry) {
        if (entry.kept && entry.schedule.is_failing() && entry.schedule.error() == errc::unusable_directory)
            waiting.push_back(&entry);
    });
    for (keeper_entry* entry : waiting) {
        {
            const auto lock = cache.map().lock();
            entry->schedule.hasten(cache.now());
        }
        cache.plan_renewal(*entry);
    }
}

}
