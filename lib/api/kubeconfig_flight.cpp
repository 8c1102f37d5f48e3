#include "api/kubeconfig_flight.hpp"

#include "api/requests.hpp"

#include <doks/absence.hpp>

#include <boost/asio/error.hpp>

#include <utility>

namespace doks::api {

namespace {

failure expired_on_arrival(const std::string& id, const call_info& info)
{
    failure_record record;
    record.operation = "GET kubeconfig of cluster " + id;
    record.code = errc::unexpected_answer;
    record.info = info;
    record.detail = "its credential has expired already";
    record.remedy = "check this machine's clock, and the cluster's certificates";
    return failure(std::move(record));
}

/// Of two answers that differ on whether the API knows the cluster, the one about the cluster itself counts.
failure without_kubeconfig(const failure& missing, const result<net::reply>& found)
{
    if (found) return with_sends_of(not_ready(missing), found);
    const bool agree = is_absent(found.error()) == is_absent(missing);
    return agree ? with_sends_of(missing, found) : with_sends_of(found.error(), result<net::reply>(missing));
}

}

kubeconfig_flight::kubeconfig_flight(std::shared_ptr<const client_state> from, credential_key what)
    : client_(std::move(from))
    , key_(std::move(what))
{}

void kubeconfig_flight::start(const terms& how, landing land, std::function<void()> forsaken)
{
    terms_ = how;
    land_ = std::move(land);
    forsaken_ = std::move(forsaken);
    const auto plan = kubeconfig_request(client_->clusters, key_.id, key_.expiry, key_.type);
    send(plan, [self = shared_from_this(), plan](result<net::reply> got) { self->answered(plan, std::move(got)); });
}

void kubeconfig_flight::send(net::call_plan plan, own_request::outcome_sink then)
{
    call_options bounds;
    bounds.by = terms_.by;
    bounds.within = terms_.within;
    plan.lane = terms_.lane;
    plan.leave = terms_.leave;
    const auto made = own_request::make(
        client_, client_->bounded(std::move(plan), bounds), std::move(then), [self = shared_from_this()] {
            const auto dropped = std::exchange(self->land_, nullptr);
            if (const auto forsaken = std::exchange(self->forsaken_, nullptr)) forsaken();
        });
    under_way_ = made.live;
    made.start();
}

void kubeconfig_flight::answered(net::call_plan asked, result<net::reply> got)
{
    if (!land_) return;
    if (got) return end(read(asked, std::move(*got)));
    const failure why = got.error();
    if (why != condition::not_found) return end(why);
    send(cluster_request(client_->clusters, key_.id),
        [self = shared_from_this(), why](result<net::reply> found) { self->end(without_kubeconfig(why, found)); });
}

/// A token counts from its request by the boot clock; a certificate from the server's date, where there is one.
result<credential> kubeconfig_flight::read(net::call_plan& asked, net::reply got) const
{
    const auto& time = client_->transport->timers().time();
    const auto requested_at = got.requested_at;
    const auto server_now = got.answer.hints.date.value_or(time.wall_now());
    credential made;
    made.since = got.requested_boot;
    auto config = kubeconfig_of(asked, std::move(got), key_.expiry);
    if (!config) return config.error();
    made.config = std::move(*config);
    try {
        const auto expires = made.config.expires_at();
        if (!expires) return made;
        made.expires = made.config.expires_exactly() ? time.boot_now() + (*expires - server_now)
                                                     : made.since + (*expires - requested_at);
    } catch (const failure& unreadable) {
        return unreadable;
    }
    if (made.expires <= time.boot_now()) return expired_on_arrival(key_.id, made.config.info());
    return made;
}

void kubeconfig_flight::end(result<credential> outcome)
{
    const auto dropped = std::exchange(forsaken_, nullptr);
    if (const auto land = std::exchange(land_, nullptr)) land(std::move(outcome));
}

void kubeconfig_flight::forget() noexcept
{
    land_ = nullptr;
    forsaken_ = nullptr;
}

void kubeconfig_flight::drop()
{
    forget();
    if (const auto running = under_way_.lock()) running->cancel(boost::asio::error::operation_aborted);
}

core::phase kubeconfig_flight::whereabouts() const
{
    const auto running = under_way_.lock();
    return running ? running->whereabouts() : core::phase::answer;
}

bool kubeconfig_flight::waits_for_quota() const
{
    const auto running = under_way_.lock();
    return running && running->waits_for_quota();
}

}
