#include "api/keeper/store/credential_store.hpp"

#include "api/keeper/store/disk_lookup.hpp"
#include "async/retry_for_memory.hpp"

#include <algorithm>
#include <utility>

namespace doks::api {

namespace {

constexpr auto bound_of_find = std::chrono::seconds(5);
/// Longer than a put waits for the directory's lock, so that this fault is heard.
constexpr auto bound_of_put = std::chrono::seconds(15);
constexpr auto slow_for = std::chrono::minutes(1);
/// How long after a write it is believed that the directory takes another.
constexpr auto proven_for = std::chrono::seconds(5);

/** A stored credential by the boot clock, as far as this machine's wall clock can be believed.

    One of another expiry is not what was asked for. A token cannot live longer than was asked for, whatever the clock says.
*/
std::optional<credential> usable(
    kube::stored_kubeconfig stored, std::chrono::seconds expiry, core::instant boot, core::wall_time wall)
{
    const auto valid_for = kube::time_left(stored, wall);
    if (!valid_for) return std::nullopt;
    const auto& record = *stored.record;
    const bool token = record.kind == to_string(credential_kind::token);
    if (token && record.expiry != expiry) return std::nullopt;
    core::duration left = *valid_for;
    if (token) left = (std::min<core::duration>)(left, expiry.count() == 0 ? default_expiry : expiry);
    if (left <= core::duration::zero()) return std::nullopt;
    const core::duration age = (std::max<core::duration>)(wall - record.written_at, core::duration::zero());
    return credential{std::move(stored.config), boot - age, boot + left};
}

}

struct credential_store::messenger
{
    /// Calls `work` on the strand with the store, if that still exists.
    template <class Work> void send(Work work) const
    {
        const auto kept = async::retry_for_memory([&] { return std::make_shared<Work>(std::move(work)); });
        const auto deliver = [store = store, kept] {
            const auto alive = store.lock();
            if (!alive) return;
            alive->slow_until_ = core::instant();
            (*kept)(*alive);
            alive->end_job();
        };
        async::retry_for_memory([&] { strand->post(deliver); });
    }

    std::shared_ptr<async::weak_strand> strand;
    std::weak_ptr<credential_store> store;
};

credential_store::credential_store(
    kubeconfig_directory directory, std::shared_ptr<net::shared_transport> transport, std::string label)
    : directory_(std::move(directory))
    , transport_(std::move(transport))
    , label_(std::move(label))
    , check_(std::make_shared<kube::directory_check>(kube::directory_access::store(directory_)))
{}

credential_store::messenger credential_store::make_messenger() { return {transport_->weak_strand(), weak_from_this()}; }

void credential_store::end_job()
{
    if (--under_way_ == 0 && on_idle_) on_idle_();
}

template <class T>
awaitable<T> credential_store::call(
    operation& by, typename directory_call<T>::fallback without, std::function<void(directory_call<T>&)> begin)
{
    auto start = [this, without = std::move(without), begin = std::move(begin)](
                     typename directory_call<T>::handler completion) {
        auto made = directory_call<T>::make(transport_, std::move(completion), without);
        try {
            begin(*made);
        } catch (const std::bad_alloc&) {
            made->cancel(make_error_code(boost::system::errc::not_enough_memory)); // no job will end it
        }
        return made;
    };
    return by.wait_for<T>(std::move(start));
}

bool credential_store::is_slow() const { return transport_->timers().now() < slow_until_; }

put_fault credential_store::hindrance() const
{
    if (!is_slow()) return fault_;
    return failure_of(kube::unusable(kube::not_usable("it does not answer in time",
        "see whether its disk works, and whether another program holds the lock on its file .lock")));
}

/// The bound was exceeded, or the operation was cancelled.
put_fault credential_store::fault_without_answer(boost::system::error_code why)
{
    if (why != boost::asio::error::timed_out) {
        const auto& store = *kube::directory_access::store(directory_);
        return store.failure_of({why, {}, {}}, "using the kubeconfig directory " + store.path().string());
    }
    slow_until_ = transport_->timers().now() + slow_for;
    hindered_ = true;
    return hindrance();
}

/// The lock is given back by a system call, which must not hold up the strand.
std::shared_ptr<void> credential_store::released_on_thread(std::shared_ptr<void> lock) const
{
    if (!lock) return nullptr;
    const auto release = [worker = kube::directory_access::worker(directory_), lock](void*) mutable {
        static_cast<void>(succeeds([&] { worker->run([lock = std::move(lock)] {}); }));
    };
    return {nullptr, release};
}

awaitable<credential_store::lookup> credential_store::find(
    operation& by, credential_key key, std::optional<kubeconfig> outdated, bool locks)
{
    const auto without = [this](boost::system::error_code why) {
        lookup nothing;
        nothing.fault = fault_without_answer(why);
        return nothing;
    };
    auto begin = [this, key, outdated = std::move(outdated), locks](directory_call<lookup>& call) mutable {
        call.set_bound(bound_of_find);
        lookup_terms terms{
            key.id, key.expiry, std::move(outdated), transport_->timers().time().wall_now(), must_prove(), locks};
        auto job = [job = make_messenger(), store = kube::directory_access::store(directory_), terms = std::move(terms),
                       weak = call.weak_from_this()] {
            job.send([seen = look_on_disk(*store, terms), expiry = terms.expiry, proves = terms.proves, weak](
                         credential_store& self) mutable {
                self.on_state(seen.directory, seen.is_complete && (proves || seen.directory.opened_again));
                lookup outcome;
                outcome.opened_again = seen.directory.opened_again;
                outcome.is_minted_elsewhere = seen.is_locked;
                outcome.mint_lock = self.released_on_thread(std::move(seen.mint_lock));
                if (const auto& error = seen.directory.error ? seen.directory.error : seen.error_of_file)
                    outcome.fault = self.failure_of(*error);
                const auto& time = self.transport_->timers().time();
                if (seen.stored)
                    outcome.found = usable(std::move(*seen.stored), expiry, time.boot_now(), time.wall_now());
                if (const auto waiting = weak.lock()) waiting->finish(std::move(outcome));
            });
        };
        kube::directory_access::worker(directory_)->run(std::move(job));
        ++under_way_; // ends on this strand, later
    };
    return call<lookup>(by, without, std::move(begin));
}

/// Before anything is minted it is known that it can be stored.
bool credential_store::must_prove() const { return doubtful_ || fault_ || transport_->timers().now() >= proven_until_; }

void credential_store::on_written()
{
    doubtful_ = false;
    proven_until_ = transport_->timers().now() + proven_for;
}

void credential_store::on_state(const kube::directory_state& directory, bool written)
{
    if (directory.error) {
        fault_.emplace(failure_of(*directory.error));
        doubtful_ = hindered_ = true;
    } else if (written) {
        fault_.reset();
        on_written();
    }
}

awaitable<credential_store::check_outcome> credential_store::check(
    operation& by, std::vector<kube::expected_file> expected, std::chrono::seconds expiry)
{
    const auto without = [this](boost::system::error_code why) {
        check_outcome nothing;
        nothing.fault = fault_without_answer(why);
        nothing.is_complete = false;
        return nothing;
    };
    auto begin = [this, expected = std::move(expected), expiry](directory_call<check_outcome>& call) mutable {
        auto job = [job = make_messenger(), check = check_, expected = std::move(expected), expiry,
                       prove = doubtful_ || fault_, weak = call.weak_from_this()]() mutable {
            kube::check_outcome seen;
            const bool complete = succeeds([&] { seen = check->run(std::move(expected), prove); });
            job.send([weak, expiry, prove, complete, seen = std::move(seen)](credential_store& self) mutable {
                check_outcome outcome;
                outcome.is_complete = complete;
                if (complete)
                    outcome = self.outcome_of(std::move(seen), expiry, prove);
                else
                    outcome.fault = self.failure_of(kube::out_of_memory());
                if (const auto waiting = weak.lock()) waiting->finish(std::move(outcome));
            });
        };
        kube::directory_access::worker(directory_)->run(std::move(job));
        ++under_way_; // ends on this strand, later
    };
    return call<check_outcome>(by, without, std::move(begin));
}

credential_store::check_outcome credential_store::outcome_of(
    kube::check_outcome seen, std::chrono::seconds expiry, bool written)
{
    check_outcome outcome;
    on_state(seen.directory, written || seen.directory.opened_again);
    outcome.fault = fault_;
    outcome.fault_passed = !fault_ && std::exchange(hindered_, false);
    outcome.lost.reserve(seen.lost.size());
    for (auto& file : seen.lost) outcome.lost.push_back(examined(std::move(file), expiry));
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
    examined.found = usable(std::move(*file.found), expiry, time.boot_now(), time.wall_now());
    return examined;
}

awaitable<put_fault> credential_store::put(operation& by, credential_key key, kubeconfig config)
{
    const auto without = [this](boost::system::error_code why) {
        doubtful_ = true;
        return fault_without_answer(why);
    };
    auto begin = [this, key, config = std::move(config)](directory_call<put_fault>& call) {
        call.set_bound(bound_of_put);
        auto done = [job = make_messenger(), id = key.id, info = config.info(), weak = call.weak_from_this()](
                        std::optional<kube::file_error> error) mutable {
            job.send(
                [weak, id = std::move(id), info = std::move(info), error = std::move(error)](credential_store& self) {
                    put_fault fault;
                    if (error)
                        fault = kube::directory_access::store(self.directory_)->put_failure(*error, id, info);
                    else
                        self.on_written();
                    self.doubtful_ = fault.has_value();
                    if (const auto waiting = weak.lock()) waiting->finish(std::move(fault));
                });
        };
        kube::put_job file{config, key.id, {}, {}, label_, transport_->timers().time().wall_now()};
        kube::directory_access::worker(directory_)->put(std::move(file), std::move(done));
        ++under_way_;
    };
    return call<put_fault>(by, without, std::move(begin));
}

void credential_store::erase(const std::string& id, kubeconfig only)
{
    auto job = [job = make_messenger(), store = kube::directory_access::store(directory_), id, only = std::move(only)] {
        // If that fails the file stays, which a restart or the next renewal replaces.
        static_cast<void>(succeeds([&] { static_cast<void>(store->erase(id, only.bytes())); }));
        job.send([](credential_store&) {});
    };
    kube::directory_access::worker(directory_)->run(std::move(job));
    ++under_way_; // ends on this strand, later
}

}
