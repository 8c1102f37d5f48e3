#include "api/keeper/keeper_state.hpp"

#include "api/requests.hpp"
#include "async/random.hpp"

#include <doks/absence.hpp>

#include <algorithm>
#include <functional>
#include <utility>

namespace doks::api {

namespace {

using namespace std::chrono_literals;

/// So soon after it wakes a machine that slept is found out.
constexpr core::duration longest_sleep = 1min;

core::credential_lifetime::error_class error_class_of(const failure& why, const core::absence& absence)
{
    if (why == errc::not_ready) return core::credential_lifetime::error_class::not_ready;
    if (why == condition::not_found)
        return absence.is_gone() ? core::credential_lifetime::error_class::gone
                                 : core::credential_lifetime::error_class::missing;
    if (why == condition::denied || why == errc::no_token) return core::credential_lifetime::error_class::denied;
    return core::credential_lifetime::error_class::passing;
}

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

void keeper_entry::due(core::instant) { of.renew(*this); }

keeper_state::keeper_state(std::shared_ptr<const client_state> from, keeper_options options)
    : client_(std::move(from))
    , options_(std::move(options))
{
    if (options_.store)
        store_ = std::make_shared<credential_store>(*options_.store, client_->transport, client_->label);
}

keeper_state::~keeper_state()
{
    transport().home().context->remove(*this);
    transport().timers().clear(*this);
    transport().timers().clear(next_check_);
}

/// By the boot clock all renewals; the timer is of the steady one, so it looks again now and then.
void keeper_state::arm()
{
    auto& timers = transport().timers();
    if (due_.empty()) return timers.clear(*this);
    const auto wait = (std::min)(due_.next() - boot_now(), longest_sleep);
    timers.set(*this, timers.now() + (std::max)(wait, core::duration::zero()));
}

void keeper_state::due(core::instant)
{
    due_.run(boot_now());
    arm();
}

void keeper_state::schedule(keeper_entry& which)
{
    if (!which.kept || closed_ || drainage_)
        due_.clear(which);
    else
        due_.set(which, which.life.renew_at());
    arm();
}

void keeper_state::renew(keeper_entry& which)
{
    if (closed_ || drainage_ || which.flight || which.looking || which.queued) return;
    // Another one would not be stored either; that the one held is, is tried at each check.
    if (which.unstored && which.life.is_valid(boot_now()) && !is_refused(which)) return failed(which, *which.unstored);
    which.queued = true;
    queue_.push_back(&which);
    start_queued();
}

/// Of all who are given it one is the reason for which it was minted, if it was.
void keeper_state::adopt(keeper_entry& which, credential fresh, std::size_t minted)
{
    counts_.saved += (std::max<std::size_t>)(which.waiting.size(), 1) - minted;
    {
        const lock held(mutex_);
        which.life.renewed(fresh.since, fresh.expires, options_.margin, moment_of(fresh.config));
        which.config = std::move(fresh.config);
        which.refused = false;
        if (which.refused_one && which.refused_one->bytes() != which.config->bytes()) which.refused_one.reset();
        which.renewal_asked = false;
        which.why = failure();
        which.absence.seen();
        which.unannounced = minted != 0 && is_stored(which);
        if (minted == 0) which.unstored.reset();
        if (minted == 0) which.told_unstored = false;
    }
    answer(which, *which.config);
    if (!which.unannounced) publish(which, renewal_status::renewed, {});
    schedule(which);
}

void keeper_state::failed(keeper_entry& which, const failure& why)
{
    const auto now = boot_now();
    const auto wait = why.record().retry_after;
    bool news = false;
    std::optional<kubeconfig> lost;
    {
        const lock held(mutex_);
        const bool was_gone = which.absence.is_gone();
        if (is_absent(why)) which.absence.not_found(now, which.life.length(), which.life.expires());
        if (why == errc::not_ready) which.absence.seen();
        const auto error_class = error_class_of(why, which.absence);
        news = which.life.failures() == 0 || std::exchange(which.error_class, error_class) != error_class;
        which.error_class = error_class;
        if (error_class == core::credential_lifetime::error_class::gone && !was_gone) {
            which.life.refused(now);
            lost = std::exchange(which.config, std::nullopt);
            which.unstored.reset();
            which.told_unstored = which.unannounced = false;
        }
        which.life.failed(now, error_class, wait ? now + *wait : core::instant(), async::random_unit());
        which.renewal_asked = false;
        which.why = why;
    }
    if (lost && is_stored(which)) store_->erase(which.key.id, std::move(*lost));
    answer(which, why);
    if (news)
        publish(which,
            which.error_class == core::credential_lifetime::error_class::gone ? renewal_status::gone
                                                                              : renewal_status::failing,
            why);
    schedule(which);
}

/// False where it was kept already.
bool keeper_state::mark_kept(keeper_entry& which)
{
    const lock held(mutex_);
    if (std::exchange(which.kept, true)) return false;
    unkept_.erase(unkept_.iterator_to(which));
    return true;
}

keeper_entry& keeper_state::keep_one(const std::string& id)
{
    keeper_entry& each = entry_of({id, options_.expiry, credential_type::token});
    if (!mark_kept(each)) return each;
    if (!each.life.is_valid(boot_now()) || is_refused(each)) {
        if (each.life.failures() != 0) publish(each, renewal_status::failing, each.why);
    } else if (!store_) {
        tell_all(each);
    } else {
        const lock held(mutex_);
        each.unannounced = true; // its file may be gone, or may never have been there
    }
    return each;
}

void keeper_state::keep_now(const std::vector<std::string>& ids, const std::vector<std::string>& unlisted)
{
    if (closed_ || drainage_) return;
    std::vector<keeper_entry*> wanted;
    for (const auto& id : ids) {
        wanted.push_back(&keep_one(id));
        take_as_evidence(*wanted.back());
    }
    for (const auto& id : unlisted) wanted.push_back(&keep_one(id));
    auto known = wanted;
    std::sort(known.begin(), known.end());
    std::vector<keeper_entry*> dropped;
    for_each([&](keeper_entry& each) {
        if (!each.kept || std::binary_search(known.begin(), known.end(), &each)) return;
        dropped.push_back(&each);
    });
    for (keeper_entry* each : dropped) let_go(*each);
    for (keeper_entry* each : wanted) each->life.renew_at() <= boot_now() ? renew(*each) : schedule(*each);
    check_files();
}

void keeper_state::let_go(keeper_entry& which)
{
    {
        const lock held(mutex_);
        which.kept = which.unannounced = which.told_unstored = false;
        which.unstored.reset();
        unkept_.push_back(which);
    }
    schedule(which);
    drop_if_idle(which);
}

/// Who keeps it has seen it since: what was 404 is asked about at once.
void keeper_state::take_as_evidence(keeper_entry& which)
{
    if (!which.absence.is_suspected()) return;
    const lock held(mutex_);
    which.absence.seen();
    which.life.hasten(boot_now());
}

}
