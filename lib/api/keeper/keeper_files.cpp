#include "api/keeper/keeper_state.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

// What is held is on disk, too: a file that is missing or changed is written again, and nothing is minted for it.

namespace doks::api {

namespace {

constexpr core::duration check_interval = std::chrono::seconds(10);

}

/// A directory holds one credential for each cluster: of the keeper's own expiry, and a token.
bool keeper_state::is_stored(const keeper_entry& which) const
{
    return store_ && which.key.expiry == options_.expiry && which.key.type == credential_type::token;
}

/// What is held is to be there now.
bool keeper_state::is_on_disk(const keeper_entry& which) const
{
    return which.kept && which.config && which.storing == 0 && is_stored(which) && which.life.is_valid(boot_now()) &&
           !is_refused(which);
}

void keeper_state::store(keeper_entry& which)
{
    {
        const lock held(mutex_);
        ++which.storing;
    }
    store_->put(which.key, *which.config,
        [self = shared_from_this(), key = which.key](const put_fault& fault) { self->stored(key, fault); });
}

void keeper_state::stored(const credential_key& key, const put_fault& fault)
{
    keeper_entry* const which = find(key.id, key.expiry, key.type);
    if (which != nullptr && !closed_ && is_last_write(*which)) {
        if (!fault) {
            on_disk(*which);
        } else {
            // The directory may have been replaced: then the check opens it again, and stores what is held.
            const bool lasts = which->unstored.has_value() || store_->is_slow();
            not_stored(*which, *fault, lasts || drainage_ != nullptr); // a drain makes no check
            if (!lasts) check_files();
        }
        schedule(*which);
        drop_if_idle(*which);
    }
    drained_if_idle();
}

bool keeper_state::is_last_write(keeper_entry& which)
{
    const lock held(mutex_);
    return --which.storing == 0;
}

void keeper_state::not_stored(keeper_entry& which, const failure& why, bool tell)
{
    if (!which.kept) return;
    bool news = false;
    {
        const lock held(mutex_);
        which.unstored = why;
        news = tell && !std::exchange(which.told_unstored, true);
    }
    if (news) publish(which, renewal_status::not_stored, why);
}

/// The directory holds what the keeper holds.
void keeper_state::on_disk(keeper_entry& which)
{
    bool news = false;
    bool hindered = false;
    {
        const lock held(mutex_);
        hindered = which.unstored && which.life.failures() != 0;
        news = std::exchange(which.unannounced, false) || which.told_unstored;
        which.unstored.reset();
        which.told_unstored = false;
        if (hindered) which.life.hasten(boot_now());
    }
    if (news) tell_all(which);
    if (hindered) schedule(which);
}

void keeper_state::arm_check()
{
    bool any = false;
    for_each([&](const keeper_entry& each) { any = any || each.kept; });
    auto& timers = transport().timers();
    if (!store_ || !any || closed_ || drainage_) return timers.clear(next_check_);
    timers.set(next_check_, timers.now() + check_interval);
}

void keeper_state::check_files()
{
    if (!store_ || closed_ || drainage_) return;
    if (checking_) {
        check_again_ = true;
        return;
    }
    checking_ = true;
    check_again_ = false;
    std::vector<kube::expected_file> expected;
    std::vector<credential_key> asked;
    for_each([&](const keeper_entry& each) {
        if (!is_on_disk(each)) return;
        expected.push_back({each.key.id, *each.config});
        if (each.unannounced || each.unstored) asked.push_back(each.key);
    });
    store_->check(std::move(expected), options_.expiry,
        [self = shared_from_this(), asked = std::move(asked)](
            credential_store::check_outcome outcome) { self->checked(asked, std::move(outcome)); });
}

void keeper_state::checked(const std::vector<credential_key>& asked, credential_store::check_outcome outcome)
{
    checking_ = false;
    if (closed_ || drainage_) return drained_if_idle();
    std::vector<std::string> lost;
    for (const auto& each : outcome.lost) lost.push_back(each.expected.id);
    for (auto& each : outcome.lost) restore(std::move(each), outcome.fault);
    for (const auto& key : asked) {
        keeper_entry* const which = find(key.id, key.expiry, key.type);
        const bool was_there = std::find(lost.begin(), lost.end(), key.id) == lost.end();
        if (which != nullptr && outcome.is_complete && was_there && is_on_disk(*which)) on_disk(*which);
    }
    if (outcome.fault_passed) hasten_what_waits_for_the_directory();
    arm_check();
    if (check_again_) check_files();
    drained_if_idle();
}

void keeper_state::restore(credential_store::lost_file lost, const put_fault& fault)
{
    keeper_entry* const which = find(lost.expected.id, options_.expiry, credential_type::token);
    if (which == nullptr || !is_on_disk(*which) || which->config->bytes() != lost.expected.config.bytes()) return;
    if (lost.held && is_refused_one(*which, lost.held->config)) lost.is_as_good = false;
    if (lost.held && (lost.is_as_good || is_news(*which, *lost.held))) return adopt(*which, std::move(*lost.held), 0);
    if (lost.is_as_good) return on_disk(*which);
    if (fault) return not_stored(*which, *fault, true);
    store(*which);
}

bool keeper_state::is_refused_one(const keeper_entry& which, const kubeconfig& config) const
{
    const lock held(mutex_);
    return which.refused_one && which.refused_one->bytes() == config.bytes();
}

void keeper_state::hasten_what_waits_for_the_directory()
{
    std::vector<keeper_entry*> waiting;
    for_each([&](keeper_entry& each) {
        if (each.kept && each.life.failures() != 0 && each.why == errc::unusable_directory) waiting.push_back(&each);
    });
    for (keeper_entry* each : waiting) {
        {
            const lock held(mutex_);
            each->life.hasten(boot_now());
        }
        schedule(*each);
    }
}

}
