#include "api/keeper_state.hpp"

#include "api/requests.hpp"
#include "net/random.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace doks::api {

namespace {

using namespace std::chrono_literals;

/// So soon after it wakes a machine that slept is found out.
constexpr core::duration longest_sleep = 1min;
constexpr core::duration store_again = 1min;

core::tenure::trouble trouble_of(const failure& why)
{
    if (why == errc::not_ready) return core::tenure::trouble::not_ready;
    if (why == condition::not_found) return core::tenure::trouble::gone;
    if (why == condition::denied || why == errc::no_token) return core::tenure::trouble::denied;
    return core::tenure::trouble::passing;
}

/** When within the margin a credential is renewed: nearly the same after a restart, so that it brings no renewal forward,
    and not quite the same in two processes that share a directory, so that one of them finds the other's.
*/
double moment_of(const kubeconfig& config)
{
    constexpr double by_chance = 0.05;
    constexpr std::size_t steps = 1U << 20;
    const auto own = static_cast<double>(std::hash<std::string_view>()(config.bytes()) % steps) / steps;
    return own * (1 - by_chance) + net::random_unit() * by_chance;
}

bool is_gone(const failure& why) { return trouble_of(why) == core::tenure::trouble::gone; }

}

void keeper_entry::due(core::instant) { of.renew(*this); }

keeper_state::keeper_state(std::shared_ptr<const client_state> from, keeper_options options)
    : client_(std::move(from))
    , options_(std::move(options))
{
    if (options_.store)
        store_ = std::make_shared<credential_store>(*options_.store, client_->transport, client_->label);
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
    if (!which.kept || closed_ || drainage_) {
        due_.clear(which);
    } else {
        const auto again = boot_now() + store_again;
        due_.set(which, which.unstored ? (std::min)(which.life.due(), again) : which.life.due());
    }
    arm();
}

void keeper_state::renew(keeper_entry& which)
{
    if (closed_ || drainage_ || which.flight || which.looking || which.queued) return;
    if (which.unstored && boot_now() < which.life.due() && which.config && !is_refused(which)) return store(which);
    which.unstored = false;
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
        which.life.obtained(fresh.since, fresh.expires, options_.margin, moment_of(fresh.config));
        which.config = std::move(fresh.config);
        which.refused = false;
        if (which.refused_one && which.refused_one->bytes() != which.config->bytes()) which.refused_one.reset();
        which.renewal_asked = false;
        which.why = failure();
    }
    answer(which, *which.config);
    which.unannounced = minted != 0 && is_stored(which);
    if (!which.unannounced) publish(which, keeping::renewed, {});
    schedule(which);
}

void keeper_state::failed(keeper_entry& which, const failure& why)
{
    const auto now = boot_now();
    const auto wait = why.record().retry_after;
    const bool news = trouble_of(which.why) != trouble_of(why) || which.life.failures() == 0;
    {
        const lock held(mutex_);
        if (is_gone(why)) {
            which.life.refused(now);
            which.config.reset();
            which.unstored = which.unannounced = false;
        }
        which.life.failed(now, trouble_of(why), wait ? now + *wait : core::instant(), net::random_unit());
        which.renewal_asked = false;
        which.why = why;
    }
    if (is_gone(why) && is_stored(which)) store_->erase(which.key.id, std::nullopt);
    answer(which, why);
    if (news) publish(which, is_gone(why) ? keeping::gone : keeping::failing, why);
    schedule(which);
}

/// A directory holds one credential for each cluster: of the keeper's own expiry, and a token.
bool keeper_state::is_stored(const keeper_entry& which) const
{
    return store_ && which.key.expiry == options_.expiry && which.key.type == credential_type::token;
}

void keeper_state::store(keeper_entry& which)
{
    store_->put(which.key, *which.config,
        [self = shared_from_this(), key = which.key](const put_fault& fault) { self->stored(key, fault); });
}

void keeper_state::stored(const credential_key& key, const put_fault& fault)
{
    keeper_entry* const which = find(key.id, key.expiry, key.type);
    if (which != nullptr && !closed_) {
        if (std::exchange(which->unannounced, false)) publish(*which, keeping::renewed, {});
        const bool news = fault && !which->unstored;
        which->unstored = fault.has_value();
        if (news) publish(*which, keeping::not_stored, *fault);
        schedule(*which);
    }
    drained_if_idle();
}

/// False where it was kept already.
bool keeper_state::mark_kept(keeper_entry& which)
{
    const lock held(mutex_);
    if (std::exchange(which.kept, true)) return false;
    unkept_.erase(unkept_.iterator_to(which));
    return true;
}

void keeper_state::keep_now(const std::vector<std::string>& ids)
{
    if (closed_ || drainage_) return;
    std::vector<keeper_entry*> wanted;
    for (const auto& id : ids) {
        keeper_entry& each = entry_of({id, options_.expiry, credential_type::token});
        wanted.push_back(&each);
        if (mark_kept(each) && each.life.serves(boot_now()) && !is_refused(each)) publish(each, keeping::renewed, {});
    }
    auto known = wanted;
    std::sort(known.begin(), known.end());
    std::vector<keeper_entry*> dropped;
    for_each([&](keeper_entry& each) {
        if (!each.kept || std::binary_search(known.begin(), known.end(), &each)) return;
        dropped.push_back(&each);
        const lock held(mutex_);
        each.kept = false;
        unkept_.push_back(each);
    });
    for (keeper_entry* each : dropped) {
        schedule(*each);
        drop_if_idle(*each);
    }
    for (keeper_entry* each : wanted) each->life.due() <= boot_now() ? renew(*each) : schedule(*each);
}

}
