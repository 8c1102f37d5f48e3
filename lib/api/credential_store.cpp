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
/// So long the directory is waited for before a credential is fetched instead, and so long it is not asked again then.
constexpr auto patience = std::chrono::seconds(5);
constexpr auto slow_for = std::chrono::minutes(1);

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

/// What went wrong on the directory's thread but for its own faults: there is no memory.
template <class Work> void quietly(Work work) noexcept
{
    try {
        work();
    } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): it is as if there were nothing
    }
}

}

/// Somebody who waits for the directory to be looked at.
struct credential_store::look_bound final : core::timer
{
    look_bound(credential_store& whose, std::uint64_t own, found what)
        : of(whose)
        , number(own)
        , then(std::move(what))
    {}
    ~look_bound() override { of.transport_->timers().clear(*this); }

    void due(core::instant now) override
    {
        of.slow_until_ = now + slow_for;
        of.ended_look(number, std::nullopt);
    }

    credential_store& of;
    const std::uint64_t number;
    found then;
};

struct credential_store::messenger
{
    /// `Work` is called on the strand with the store, if there still is one.
    template <class Work> void send(Work work) const
    {
        net::post_through(*door, [to = to, work = std::move(work)]() mutable {
            const auto alive = to.lock();
            if (!alive) return;
            work(*alive);
            alive->end();
        });
    }

    std::shared_ptr<net::strand_door> door;
    std::weak_ptr<credential_store> to;
};

credential_store::credential_store(
    kubeconfig_directory directory, std::shared_ptr<net::transport> strand_of, std::string label)
    : directory_(std::move(directory))
    , transport_(std::move(strand_of))
    , label_(std::move(label))
{}

credential_store::~credential_store() = default;

credential_store::messenger credential_store::begin()
{
    if (under_way_++ == 0)
        busy_ = boost::asio::prefer(transport_->user_executor(), boost::asio::execution::outstanding_work.tracked);
    return {transport_->door(), weak_from_this()};
}

void credential_store::end()
{
    if (under_way_ == 0 || --under_way_ != 0) return;
    busy_.reset();
    if (when_idle) when_idle();
}

void credential_store::abandon() noexcept
{
    busy_.reset();
    looks_.clear();
    puts_.clear();
    when_idle = nullptr;
}

bool credential_store::is_slow() const { return transport_->timers().now() < slow_until_; }

void credential_store::look(const credential_key& key, found then)
{
    const auto number = ++last_number_;
    auto bound = std::make_unique<look_bound>(*this, number, std::move(then));
    transport_->timers().set(*bound, transport_->timers().now() + patience);
    looks_.emplace(number, std::move(bound));
    auto job = [by = begin(), store = kube::directory_access::store(directory_), key, number] {
        std::optional<kube::stored_kubeconfig> read;
        quietly([&] { read = store->find(key.id); });
        by.send([number, expiry = key.expiry, read = std::move(read)](credential_store& self) mutable {
            const auto& time = self.transport_->timers().time();
            self.ended_look(
                number, read ? usable(std::move(*read), expiry, time.boot_now(), time.wall_now()) : std::nullopt);
        });
    };
    kube::directory_access::worker(directory_)->run(std::move(job));
}

void credential_store::ended_look(std::uint64_t number, std::optional<credential> held)
{
    const auto asked = looks_.extract(number);
    if (asked) std::exchange(asked.mapped()->then, nullptr)(std::move(held));
}

void credential_store::put(const credential_key& key, const kubeconfig& config, stored then)
{
    const auto number = ++last_number_;
    puts_.emplace(number, std::move(then));
    auto done = [by = begin(), number](const kube::put_outcome& outcome) {
        by.send([number, outcome](credential_store& self) {
            const auto asked = self.puts_.extract(number);
            if (asked) asked.mapped()(outcome ? put_fault(failure(*outcome)) : put_fault());
        });
    };
    kube::put_job job{config, key.id, {}, {}, label_, transport_->timers().time().wall_now()};
    kube::directory_access::worker(directory_)->put(std::move(job), std::move(done));
}

void credential_store::erase(const std::string& id, std::optional<kubeconfig> only)
{
    auto job = [by = begin(), store = kube::directory_access::store(directory_), id, only = std::move(only)] {
        quietly([&] { static_cast<void>(store->erase(id, only ? only->bytes() : std::string_view())); });
        by.send([](credential_store&) {});
    };
    kube::directory_access::worker(directory_)->run(std::move(job));
}

}
