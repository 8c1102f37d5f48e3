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
/// So long after something was written it is believed that something else can be.
constexpr auto proven_for = std::chrono::seconds(5);

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
        of.ended_look(number, {});
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
    , check_(std::make_shared<kube::directory_check>(kube::directory_access::store(directory_)))
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
    checks_.clear();
    when_idle = nullptr;
}

bool credential_store::is_slow() const { return transport_->timers().now() < slow_until_; }

void credential_store::look(const credential_key& key, found then)
{
    const auto number = ++last_number_;
    auto bound = std::make_unique<look_bound>(*this, number, std::move(then));
    transport_->timers().set(*bound, transport_->timers().now() + patience);
    looks_.emplace(number, std::move(bound));
    auto job = [by = begin(), store = kube::directory_access::store(directory_), key, number, prove = must_prove()] {
        kube::directory_state directory;
        kube::disk_fault of_file;
        std::optional<kube::stored_kubeconfig> read;
        quietly([&] {
            directory = store->make_usable(prove);
            of_file = store->why_not_replaceable(key.id);
            read = store->find(key.id);
        });
        by.send([=, read = std::move(read)](credential_store& self) mutable {
            const auto& time = self.transport_->timers().time();
            self.note(directory, prove || directory.opened_again);
            looked_up outcome;
            outcome.opened_again = directory.opened_again;
            if (const auto& fault = directory.fault ? directory.fault : of_file) outcome.fault = failure(*fault);
            if (read) outcome.held = usable(std::move(*read), key.expiry, time.boot_now(), time.wall_now());
            self.ended_look(number, std::move(outcome));
        });
    };
    kube::directory_access::worker(directory_)->run(std::move(job));
}

void credential_store::ended_look(std::uint64_t number, looked_up outcome)
{
    const auto asked = looks_.extract(number);
    if (asked) std::exchange(asked.mapped()->then, nullptr)(std::move(outcome));
}

/// Before anything is minted it is known that it can be stored.
bool credential_store::must_prove() const { return doubtful_ || fault_ || transport_->timers().now() >= proven_until_; }

void credential_store::wrote()
{
    doubtful_ = false;
    proven_until_ = transport_->timers().now() + proven_for;
}

void credential_store::note(const kube::directory_state& directory, bool written)
{
    if (directory.fault) {
        fault_.emplace(*directory.fault);
        doubtful_ = true;
    } else if (written) {
        fault_.reset();
        wrote();
    }
}

void credential_store::check(std::vector<kube::expected_file> expected, std::chrono::seconds expiry, checked then)
{
    const auto number = ++last_number_;
    checks_.emplace(number, std::move(then));
    auto job = [by = begin(), check = check_, expected = std::move(expected), expiry, number,
                   prove = doubtful_ || fault_]() mutable {
        kube::check_outcome seen;
        quietly([&] { seen = check->run(std::move(expected), prove); });
        by.send([number, expiry, prove, seen = std::move(seen)](credential_store& self) mutable {
            const auto asked = self.checks_.extract(number);
            auto outcome = self.outcome_of(std::move(seen), expiry, prove);
            if (asked) asked.mapped()(std::move(outcome));
        });
    };
    kube::directory_access::worker(directory_)->run(std::move(job));
}

credential_store::check_outcome credential_store::outcome_of(
    kube::check_outcome seen, std::chrono::seconds expiry, bool written)
{
    check_outcome outcome;
    const bool faulty = fault_.has_value();
    note(seen.directory, written || seen.directory.opened_again);
    outcome.fault = fault_;
    outcome.fault_passed = faulty && !fault_;
    outcome.lost.reserve(seen.lost.size());
    for (auto& each : seen.lost) outcome.lost.push_back(examined(std::move(each), expiry));
    return outcome;
}

credential_store::lost_file credential_store::examined(kube::lost_file file, std::chrono::seconds expiry) const
{
    const auto& time = transport_->timers().time();
    lost_file examined;
    examined.expected = std::move(file.expected);
    if (!file.found || !file.found->record) return examined;
    const auto& record = *file.found->record;
    const auto ours = examined.expected.config.expires_at();
    const bool believed = record.written_at <= time.wall_now() + believable;
    examined.is_as_good = believed && record.expiry != expiry && ours && record.expires_at >= ours;
    examined.held = usable(std::move(*file.found), expiry, time.boot_now(), time.wall_now());
    return examined;
}

void credential_store::put(const credential_key& key, const kubeconfig& config, stored then)
{
    const auto number = ++last_number_;
    puts_.emplace(number, std::move(then));
    auto done = [by = begin(), number](const kube::put_outcome& outcome) {
        by.send([number, outcome](credential_store& self) {
            const auto asked = self.puts_.extract(number);
            if (outcome)
                self.doubtful_ = true;
            else
                self.wrote();
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
