#include "api/credential_store.hpp"

#include "kubeconfig/directory_access.hpp"

#include <boost/asio/prefer.hpp>

#include <algorithm>
#include <utility>

namespace doks::api {

namespace {

/// Source: the endpoint's reference page: no expiry means 7 days.
constexpr std::chrono::seconds default_expiry = std::chrono::hours(7 * 24);

/// Clocks of processes that share a directory differ by less; beyond it this one's tells nothing.
constexpr auto believable = std::chrono::minutes(5);

/** A stored credential by the boot clock, so far as this machine's wall clock lets it be reckoned.

    One of another expiry is not what was asked for. A token cannot live longer than was asked for, whatever the clock says.
*/
std::optional<credential> usable(
    kube::stored_kubeconfig found, std::chrono::seconds expiry, core::instant boot, core::wall_time wall)
{
    if (!found.record || found.record->written_at > wall + believable) return std::nullopt;
    const auto& record = *found.record;
    const bool token = record.kind == to_string(credential_kind::token);
    if (!record.expires_at || (token && record.expiry != expiry)) return std::nullopt;
    core::duration left = *record.expires_at - wall;
    if (token) left = (std::min<core::duration>)(left, expiry.count() == 0 ? default_expiry : expiry);
    if (left <= core::duration::zero()) return std::nullopt;
    const core::duration age = (std::max<core::duration>)(wall - record.written_at, core::duration::zero());
    return credential{std::move(found.config), boot - age, boot + left};
}

}

credential_store::credential_store(
    kubeconfig_directory directory, std::shared_ptr<net::transport> strand_of, std::string label)
    : directory_(std::move(directory))
    , transport_(std::move(strand_of))
    , label_(std::move(label))
{}

void credential_store::begin()
{
    if (under_way_++ == 0)
        busy_ = boost::asio::prefer(transport_->user_executor(), boost::asio::execution::outstanding_work.tracked);
}

void credential_store::end()
{
    if (--under_way_ != 0) return;
    busy_.reset();
    if (when_idle) when_idle();
}

/// From the directory's thread: on the strand, while there is one.
template <class Work> void credential_store::hear(Work work)
{
    transport_->reach([self = shared_from_this(), work = std::move(work)]() mutable {
        work();
        self->end();
    });
}

void credential_store::look(const credential_key& key, std::function<void(std::optional<credential>)> then)
{
    begin();
    const auto store = kube::directory_access::store(directory_);
    kube::directory_access::worker(directory_)->run([self = shared_from_this(), store, key, then = std::move(then)] {
        self->hear([self, then, expiry = key.expiry, found = store->find(key.id)]() mutable {
            const auto& time = self->transport_->timers().time();
            auto held = found ? usable(std::move(*found), expiry, time.boot_now(), time.wall_now()) : std::nullopt;
            then(std::move(held));
        });
    });
}

void credential_store::put(const credential_key& key, const kubeconfig& config, std::function<void(put_fault)> then)
{
    begin();
    kube::directory_access::worker(directory_)
        ->put(kube::put_job{config, key.id, {}, {}, label_, transport_->timers().time().wall_now()},
            [self = shared_from_this(), then = std::move(then)](const kube::put_outcome& outcome) {
                self->hear([then, fault = outcome ? put_fault(failure(*outcome)) : put_fault()] { then(fault); });
            });
}

void credential_store::erase(const std::string& id)
{
    begin();
    const auto store = kube::directory_access::store(directory_);
    kube::directory_access::worker(directory_)->run([self = shared_from_this(), store, id] {
        static_cast<void>(store->erase(id));
        self->hear([] {});
    });
}

}
