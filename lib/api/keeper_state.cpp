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
/// So long a renewal waits for quota before it is said to fail.
constexpr core::duration patience = 2min;
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
    if (which.unstored && boot_now() < which.life.due()) return store(which);
    which.queued = true;
    queue_.push_back(&which);
    start_queued();
}

void keeper_state::start_queued()
{
    if (std::exchange(starting_, true)) return;
    while (!queue_.empty() && counts_.in_flight < options_.in_flight) {
        keeper_entry& first = *queue_.front();
        queue_.pop_front();
        first.queued = false;
        seek(first, net::lane::bulk);
    }
    starting_ = false;
}

/// Another process may have renewed it in the directory meanwhile.
void keeper_state::seek(keeper_entry& which, net::lane in)
{
    which.in_haste = which.in_haste || in == net::lane::single;
    if (which.looking) return;
    if (which.flight || !is_stored(which) || which.refused) return depart(which, in);
    which.looking = true;
    ++counts_.in_flight;
    store_->look(which.key, [self = shared_from_this(), key = which.key](
                                std::optional<credential> found) { self->looked(key, std::move(found)); });
}

void keeper_state::looked(const credential_key& key, std::optional<credential> stored)
{
    --counts_.in_flight;
    keeper_entry* const which = find(key.id, key.expiry, key.type);
    if (which == nullptr || closed_) return drained_if_idle();
    which->looking = false;
    const bool newer = stored && (!which->config || stored->expires > which->life.expires());
    if (newer) adopt(*which, std::move(*stored), 0);
    const bool still_due = which->kept && which->life.due() <= boot_now();
    if (!drainage_ && (!which->life.serves(boot_now()) || still_due))
        depart(*which, which->in_haste && !which->waiting.empty() ? net::lane::single : net::lane::bulk);
    start_queued();
    drained_if_idle();
}

/// A call that somebody waits for does not stand in the renewals' queue.
void keeper_state::depart(keeper_entry& which, net::lane in)
{
    if (which.flight) {
        const bool overtakes = in == net::lane::single && which.flight->lane() == net::lane::bulk;
        if (!overtakes || !which.flight->waits_for_quota()) return;
        std::exchange(which.flight, nullptr)->drop();
        --counts_.in_flight;
    }
    kubeconfig_flight::terms how;
    how.lane = in;
    if (in == net::lane::bulk) {
        how.leave = options_.leave;
        how.by = transport().timers().now() + patience;
    }
    ++counts_.in_flight;
    const auto flight = std::make_shared<kubeconfig_flight>(client_, which.key);
    which.flight = flight;
    flight->start(
        how,
        [self = shared_from_this(), &which](result<credential> outcome) { self->landed(which, std::move(outcome)); },
        [weak = weak_from_this()] {
            if (const auto alive = weak.lock()) alive->abandon();
        });
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
    } else {
        failed(which, outcome.error());
    }
    drop_if_idle(which);
    start_queued();
    drained_if_idle();
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
        }
        which.life.failed(now, trouble_of(why), wait ? now + *wait : core::instant(), net::random_unit());
        which.renewal_asked = false;
        which.why = why;
    }
    if (is_gone(why) && is_stored(which)) store_->erase(which.key.id);
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

void keeper_state::mark_kept(keeper_entry& which)
{
    const lock held(mutex_);
    if (!std::exchange(which.kept, true)) unkept_.erase(unkept_.iterator_to(which));
}

void keeper_state::keep_now(const std::vector<std::string>& ids)
{
    if (closed_ || drainage_) return;
    std::vector<keeper_entry*> wanted;
    for (const auto& id : ids) {
        wanted.push_back(&entry_of({id, options_.expiry, credential_type::token}));
        mark_kept(*wanted.back());
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
    for (keeper_entry* each : wanted) each->life.due() <= boot_now() ? renew(*each) : schedule(*each);
    for (keeper_entry* each : dropped) {
        schedule(*each);
        drop_if_idle(*each);
    }
}

}
