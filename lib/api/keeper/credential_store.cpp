#include "api/keeper/credential_store.hpp"

#include "async/retry_for_memory.hpp"

#include <boost/asio/prefer.hpp>

#include <algorithm>
#include <utility>

namespace doks::api {

namespace {

/// So long the directory is waited for, and so long it is not asked again then.
constexpr auto patience_to_look = std::chrono::seconds(5);
/// Longer than the directory's lock is waited for, so that this fault is heard.
constexpr auto patience_to_put = std::chrono::seconds(15);
constexpr auto slow_for = std::chrono::minutes(1);
/// So long after something was written it is believed that something else can be.
constexpr auto proven_for = std::chrono::seconds(5);

/** A stored credential by the boot clock, as far as this machine's wall clock can be believed.

    One of another expiry is not what was asked for. A token cannot live longer than was asked for, whatever the clock says.
*/
std::optional<credential> usable(
    kube::stored_kubeconfig found, std::chrono::seconds expiry, core::instant boot, core::wall_time wall)
{
    const auto valid_for = kube::time_left(found, wall);
    if (!valid_for) return std::nullopt;
    const auto& record = *found.record;
    const bool token = record.kind == to_string(credential_kind::token);
    if (token && record.expiry != expiry) return std::nullopt;
    core::duration left = *valid_for;
    if (token) left = (std::min<core::duration>)(left, expiry.count() == 0 ? default_expiry : expiry);
    if (left <= core::duration::zero()) return std::nullopt;
    const core::duration age = (std::max<core::duration>)(wall - record.written_at, core::duration::zero());
    return credential{std::move(found.config), boot - age, boot + left};
}

/// False: something went wrong on the directory's thread that is none of its own faults: there is no memory.
template <class Work> bool succeeds(Work work) noexcept
{
    try {
        work();
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

}

/// How long the directory may take for one look or put.
struct credential_store::bound final : core::timer
{
    bound(credential_store& whose, std::function<void()> what)
        : of(whose)
        , late(std::move(what))
    {}
    ~bound() override { of.transport_->timers().clear(*this); }

    void due(core::instant now) override
    {
        of.slow_until_ = now + slow_for;
        of.hindered_ = true;
        std::exchange(late, nullptr)(); // it destroys this
    }

    credential_store& of;
    std::function<void()> late;
};

struct credential_store::messenger
{
    /// `Work` is called on the strand with the store, if there still is one.
    template <class Work> void send(Work work) const
    {
        const auto kept = async::retry_for_memory([&] { return std::make_shared<Work>(std::move(work)); });
        const auto deliver = [to = to, kept] {
            const auto alive = to.lock();
            if (!alive) return;
            alive->answered();
            (*kept)(*alive);
            alive->end();
        };
        async::retry_for_memory([&] { strand->post(deliver); });
    }

    std::shared_ptr<async::weak_strand> strand;
    std::weak_ptr<credential_store> to;
};

credential_store::credential_store(
    kubeconfig_directory directory, std::shared_ptr<net::shared_transport> strand_of, std::string label)
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
    return {transport_->weak_strand(), weak_from_this()};
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
    bounds_.clear();
    looks_.clear();
    puts_.clear();
    checks_.clear();
    when_idle = nullptr;
}

bool credential_store::is_slow() const { return transport_->timers().now() < slow_until_; }

void credential_store::answered() { slow_until_ = core::instant(); }

put_fault credential_store::hindrance() const { return is_slow() ? put_fault(too_slow()) : fault_; }

failure credential_store::too_slow() const
{
    return failure_of(kube::unusable(kube::not_usable("it does not answer in time",
        "see whether its disk works, and whether another program holds the lock on its file .lock")));
}

void credential_store::set_bound(std::uint64_t number, core::duration patience, std::function<void()> late)
{
    auto made = std::make_unique<bound>(*this, std::move(late));
    transport_->timers().set(*made, transport_->timers().now() + patience);
    bounds_.emplace(number, std::move(made));
}

void credential_store::look(const credential_key& key, found then)
{
    const auto number = ++last_number_;
    looks_.emplace(number, std::move(then));
    set_bound(number, patience_to_look, [this, number] {
        looked_up nothing;
        nothing.fault = too_slow();
        ended_look(number, std::move(nothing));
    });
    auto job = [by = begin(), store = kube::directory_access::store(directory_), key, number, prove = must_prove()] {
        kube::directory_state directory;
        std::optional<kube::file_error> of_file;
        std::optional<kube::stored_kubeconfig> read;
        const bool complete = succeeds([&] {
            directory = store->make_usable(prove);
            of_file = store->why_not_replaceable(key.id);
            read = store->find(key.id);
        });
        if (!complete) of_file = kube::out_of_memory();
        by.send([expiry = key.expiry, number, prove, complete, directory = std::move(directory),
                    of_file = std::move(of_file), read = std::move(read)](credential_store& self) mutable {
            const auto& time = self.transport_->timers().time();
            self.note(directory, complete && (prove || directory.opened_again));
            looked_up outcome;
            outcome.opened_again = directory.opened_again;
            if (const auto& error = directory.error ? directory.error : of_file)
                outcome.fault = self.failure_of(*error);
            if (read) outcome.held = usable(std::move(*read), expiry, time.boot_now(), time.wall_now());
            self.ended_look(number, std::move(outcome));
        });
    };
    kube::directory_access::worker(directory_)->run(std::move(job));
}

void credential_store::ended_look(std::uint64_t number, looked_up outcome)
{
    bounds_.erase(number);
    if (const auto asked = looks_.extract(number)) asked.mapped()(std::move(outcome));
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
    if (directory.error) {
        fault_.emplace(failure_of(*directory.error));
        doubtful_ = hindered_ = true;
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
        const bool complete = succeeds([&] { seen = check->run(std::move(expected), prove); });
        by.send([number, expiry, prove, complete, seen = std::move(seen)](credential_store& self) mutable {
            if (complete) return self.ended_check(number, self.outcome_of(std::move(seen), expiry, prove));
            check_outcome failed;
            failed.fault.emplace(self.failure_of(kube::out_of_memory()));
            failed.is_complete = false;
            self.ended_check(number, std::move(failed));
        });
    };
    kube::directory_access::worker(directory_)->run(std::move(job));
}

void credential_store::ended_check(std::uint64_t number, check_outcome outcome)
{
    if (const auto asked = checks_.extract(number)) asked.mapped()(std::move(outcome));
}

credential_store::check_outcome credential_store::outcome_of(
    kube::check_outcome seen, std::chrono::seconds expiry, bool written)
{
    check_outcome outcome;
    note(seen.directory, written || seen.directory.opened_again);
    outcome.fault = fault_;
    outcome.fault_passed = !fault_ && std::exchange(hindered_, false);
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
    const bool is_known = kube::time_left(*file.found, time.wall_now()).has_value();
    // To the second, as the index has it: of two that expire together neither process puts its own back.
    examined.is_as_good = is_known && ours && record.expires_at >= std::chrono::floor<std::chrono::seconds>(*ours);
    examined.held = usable(std::move(*file.found), expiry, time.boot_now(), time.wall_now());
    return examined;
}

void credential_store::put(const credential_key& key, const kubeconfig& config, stored then)
{
    const auto number = ++last_number_;
    puts_.emplace(number, std::move(then));
    set_bound(number, patience_to_put, [this, number] {
        doubtful_ = true;
        ended_put(number, too_slow());
    });
    auto done = [by = begin(), number, id = key.id, info = config.info()](
                    std::optional<kube::file_error> outcome) mutable {
        by.send(
            [number, id = std::move(id), info = std::move(info), outcome = std::move(outcome)](credential_store& self) {
                if (outcome)
                    self.doubtful_ = true;
                else
                    self.wrote();
                const auto& store = *kube::directory_access::store(self.directory_);
                self.ended_put(number, outcome ? put_fault(store.put_failure(*outcome, id, info)) : put_fault());
            });
    };
    kube::put_job job{config, key.id, {}, {}, label_, transport_->timers().time().wall_now()};
    kube::directory_access::worker(directory_)->put(std::move(job), std::move(done));
}

void credential_store::ended_put(std::uint64_t number, const put_fault& outcome)
{
    bounds_.erase(number);
    if (const auto asked = puts_.extract(number)) asked.mapped()(outcome);
}

void credential_store::erase(const std::string& id, kubeconfig only)
{
    auto job = [by = begin(), store = kube::directory_access::store(directory_), id, only = std::move(only)] {
        // If that fails the file stays, which a restart or the next renewal replaces.
        static_cast<void>(succeeds([&] { static_cast<void>(store->erase(id, only.bytes())); }));
        by.send([](credential_store&) {});
    };
    kube::directory_access::worker(directory_)->run(std::move(job));
}

}
