#include "api/keeper/keeper_state.hpp"

#include "api/requests.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

namespace doks::api {

namespace {

failure ended(const std::string& id, boost::system::error_code why)
{
    failure_record record;
    record.operation = "GET kubeconfig of cluster " + id;
    record.code = why;
    record.why = stop_reason::cancelled;
    return failure(std::move(record));
}

void check_options(const keeper_options& options)
{
    const auto refuse = [](std::string detail) {
        throw invalid_call("keeper_options", std::move(detail), "leave it out, or give a value above zero");
    };
    if (options.expiry.count() < 0) refuse("expiry is negative");
    if (options.margin.count() < 0) refuse("margin is negative");
    if (options.in_flight == 0) refuse("in_flight is zero");
    if (options.max_entries == 0) refuse("max_entries is zero");
}

}

/// Callers that wait until nothing runs any more, and how long that may take.
class keeper_state::drainage final : private core::timer
{
public:
    using completion = async::completion<void()>;

    drainage(keeper_state& keeper, completion::handler handler)
        : keeper_(keeper)
    {
        waiting_.push_back(std::make_unique<completion>(std::move(handler), keeper.transport()->home()));
    }
    ~drainage() override { keeper_.transport()->timers().clear(*this); }

    void set_bound(core::duration bound)
    {
        auto& timers = keeper_.transport()->timers();
        timers.set(*this, core::later(timers.now(), bound));
    }
    void take_in(drainage& other)
    {
        for (auto& each : std::exchange(other.waiting_, {})) waiting_.push_back(std::move(each));
    }
    void finish()
    {
        for (const auto& each : std::exchange(waiting_, {})) each->finish([] { return std::tuple<>(); });
    }

private:
    void due(core::instant) override { keeper_.end_drain(); }

    keeper_state& keeper_;
    std::vector<std::unique_ptr<completion>> waiting_;
};

class keeper_state::running_task
{
public:
    explicit running_task(keeper_state& keeper)
        : keeper_(keeper)
    {
        ++keeper_.tasks_;
    }
    running_task(const running_task&) = delete;
    ~running_task() { --keeper_.tasks_; }

private:
    keeper_state& keeper_;
};

std::shared_ptr<keeper_state> keeper_state::make(const doks::client& from, keeper_options options)
{
    check_options(options);
    const auto& client = client_access::state_of(from);
    std::shared_ptr<credential_store> store;
    if (options.store) store = std::make_shared<credential_store>(*options.store, client->transport, client->label);
    auto made = std::make_shared<keeper_state>(client, std::move(options), store);
    if (store)
        store->on_idle([weak = made->weak_from_this()] {
            if (const auto alive = weak.lock()) alive->end_drain_if_idle();
        });
    return made;
}

keeper_state::keeper_state(
    std::shared_ptr<const client_state> client, keeper_options options, std::shared_ptr<credential_store> store)
    : client_(std::move(client))
    , options_(std::move(options))
    , cache_(*this, options_)
    , renewals_(*this)
    , files_(*this, std::move(store))
{}

keeper_state::~keeper_state() = default;

awaitable<void> keeper_state::counted(std::shared_ptr<keeper_state> self, awaitable<void> body)
{
    {
        const running_task task(*self);
        co_await std::move(body);
    }
    self->end_drain_if_idle();
}

/// The keeper's own, where a call asks for nothing else.
std::chrono::seconds keeper_state::expiry_of(const call_options& options) const noexcept
{
    return options.expiry.count() == 0 && options.type != credential_type::sso ? options_.expiry : options.expiry;
}

std::optional<kubeconfig> keeper_state::held(std::string_view id, const call_options& options)
{
    return cache_.held(id, expiry_of(options), options.type);
}

void keeper_state::get(std::string_view id, const call_options& options, keeper_waiter::completion::handler handler)
{
    auto why = why_not_id(id);
    if (why) why = "cluster id: " + *why;
    if (!why) why = why_not_options(options.expiry, options.type);
    if (!why && options.expiry_is == expiry_precision::exact) why = "a keeper estimates the expiry itself";
    if (why)
        return refuse_call<kubeconfig>(transport()->home(),
            invalid_call("GET kubeconfig", *why, "give the cluster's id, a UUID, and an expiry of 0 or above"),
            std::move(handler));
    const auto now = transport()->timers().now();
    const auto timeout = options.timeout > core::duration::zero() ? options.timeout : transport()->timeouts().call;
    const auto waiter = std::make_shared<keeper_waiter>(
        transport(), std::move(handler), (std::min)(options.deadline, core::later(now, timeout)));
    waiter->on_cancel([weak = weak_from_this(), waiting = std::weak_ptr<keeper_waiter>(waiter)] {
        const auto alive = weak.lock();
        const auto cancelled = waiting.lock();
        if (!alive || !cancelled) return;
        alive->on_strand([cancelled](keeper_state&) {
            const auto* const entry = cancelled->entry();
            if (entry != nullptr) cancelled->withdraw(ended(entry->key.id, boost::asio::error::operation_aborted));
        });
    });
    credential_key key{std::string(id), expiry_of(options), options.type};
    on_strand([key = std::move(key), waiter](keeper_state& self) { self.join(key, waiter); });
}

void keeper_state::join(const credential_key& key, const std::shared_ptr<keeper_waiter>& waiter)
{
    if (is_ending()) return waiter->finish(ended(key.id, errc::stopped));
    keeper_entry& entry = cache_.map().find_or_make(*this, key);
    if (cache_.serves(entry)) {
        ++cache_.counts().saved;
        return waiter->finish(*entry.config);
    }
    waiter->join(entry);
    renewals_.start_for_call(entry);
}

void keeper_state::invalidate(std::string_view id, const kubeconfig* only)
{
    if (!cache_.mark_refused(id, only)) return;
    on_strand([key = std::string(id)](keeper_state& self) { self.on_refused(key); });
}

void keeper_state::on_refused(std::string_view id)
{
    cache_.map().for_each(id, [&](keeper_entry& entry) {
        std::optional<kubeconfig> refused;
        {
            const auto lock = cache_.map().lock();
            if (!entry.refused) return;
            entry.schedule.refused(cache_.now());
            refused = entry.refused_one;
        }
        if (refused) files_.erase(entry, std::move(*refused));
        cache_.plan_renewal(entry);
    });
}

void keeper_state::keep(std::vector<std::string> ids, std::vector<std::string> unlisted)
{
    for (const auto* const list : {&ids, &unlisted})
        for (const auto& id : *list)
            if (const auto reason = why_not_id(id))
                throw invalid_call("keeper::keep", "cluster id: " + *reason, "give the cluster's id, a UUID");
    on_strand(
        [ids = std::move(ids), unlisted = std::move(unlisted)](keeper_state& self) { self.keep_only(ids, unlisted); });
}

void keeper_state::keep_only(const std::vector<std::string>& ids, const std::vector<std::string>& unlisted)
{
    if (is_ending()) return;
    std::vector<keeper_entry*> wanted;
    const auto keep_each = [&](const std::vector<std::string>& list, bool is_evidence) {
        for (const auto& id : list) {
            keeper_entry& entry = cache_.map().find_or_make(*this, {id, options_.expiry, credential_type::token});
            cache_.keep(entry);
            wanted.push_back(&entry);
            const auto lock = cache_.map().lock();
            if (is_evidence) entry.schedule.seen(cache_.now());
        }
    };
    keep_each(ids, true);
    keep_each(unlisted, false);
    auto known = wanted;
    std::sort(known.begin(), known.end());
    std::vector<keeper_entry*> released;
    cache_.map().for_each([&](keeper_entry& entry) {
        if (entry.kept && !std::binary_search(known.begin(), known.end(), &entry)) released.push_back(&entry);
    });
    for (keeper_entry* entry : released) cache_.release(*entry);
    for (keeper_entry* entry : wanted)
        entry->schedule.renew_at() <= cache_.now() ? renewals_.queue(*entry) : cache_.plan_renewal(*entry);
    files_.check();
}

void keeper_state::drain(core::duration bound, boost::asio::any_completion_handler<void()> handler)
{
    auto waiting = std::make_shared<drainage>(*this, std::move(handler));
    on_strand([waiting = std::move(waiting), bound](
                  keeper_state& self) mutable { self.begin_drain(std::move(waiting), bound); });
}

/// What waits for quota ends; what is in the directory, asks the API or writes goes on.
void keeper_state::begin_drain(std::shared_ptr<drainage> waiting, core::duration bound)
{
    if (closed_) return waiting->finish();
    if (drainage_) return drainage_->take_in(*waiting);
    drainage_ = std::move(waiting);
    drainage_->set_bound(bound);
    cache_.stop();
    files_.stop();
    renewals_.clear_queue();
    cache_.map().for_each([&](keeper_entry& entry) {
        if (renewals_.waits_for_quota(entry)) renewals_.cancel(entry);
        if (!entry.is_in_flight()) cache_.answer(entry, ended(entry.key.id, errc::stopped));
    });
    end_drain_if_idle();
}

void keeper_state::end_drain_if_idle()
{
    if (drainage_ && tasks_ == 0 && files_.is_idle()) end_drain();
}

void keeper_state::end_drain()
{
    end_all();
    std::exchange(drainage_, nullptr)->finish();
}

void keeper_state::end_all()
{
    closed_ = true;
    files_.stop();
    renewals_.clear_queue();
    cache_.map().for_each([&](keeper_entry& entry) {
        renewals_.cancel(entry);
        cache_.answer(entry, ended(entry.key.id, errc::stopped));
    });
    cache_.close();
}

void keeper_state::close()
{
    on_strand([](keeper_state& self) {
        if (self.closed_) return;
        self.drainage_ ? self.end_drain() : self.end_all();
    });
}

}
