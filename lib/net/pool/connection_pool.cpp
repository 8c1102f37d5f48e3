#include "net/pool/connection_pool.hpp"

#include "async/random.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace doks::net {

namespace {

/// Up to a tenth less at random, so that connections that were opened together do not end together.
core::duration shortened(core::duration limit)
{
    return limit - std::chrono::duration_cast<core::duration>(limit / 10 * async::random_unit());
}

bool is_lack_of_descriptors(const boost::system::error_code& cause)
{
    return cause == boost::system::errc::too_many_files_open ||
           cause == boost::system::errc::too_many_files_open_in_system;
}

}

/// A connection and its user; as a timer, the bound on its opening. The pool owns it.
struct connection_pool::slot final : core::timer
{
    slot(connection_pool& owner, std::shared_ptr<connection> opening)
        : pool(owner)
        , held(std::move(opening))
    {}
    ~slot() override { pool.timers_->clear(*this); }

    /// Looks again after the shortest bound at the latest: the next phase may end before the current phase's bound.
    void watch(core::instant now)
    {
        const auto& limits = pool.setup_->limits;
        pool.timers_->set(*this, (std::min)(held->due(), now + (std::min)({limits.connect, limits.proxy, limits.tls})));
    }

    void due(core::instant now) override
    {
        if (held->due() > now) return watch(now);
        core::outcome late;
        late.cause = errc::timed_out;
        late.at = held->at();
        held->abort();
        pool.open_failed(*this, late, pool.setup_->where.host);
    }

    connection_pool& pool;
    std::shared_ptr<connection> held;
    user* serves = nullptr;    ///< null while it idles or is being opened
    core::instant opened_at{}; ///< by the boot clock; the epoch while it is being opened
    core::duration life{};     ///< from then on
};

connection_pool::connection_pool(asio::any_io_executor executor, std::shared_ptr<const connection_setup> setup,
    std::shared_ptr<async::timer_queue> timers, settings options)
    : executor_(std::move(executor))
    , setup_(std::move(setup))
    , timers_(std::move(timers))
    , settings_(std::move(options))
    , state_(settings_.limits)
{}

connection_pool::~connection_pool() { timers_->clear(*this); }

void connection_pool::acquire(user& waiter, std::shared_ptr<connection::owner> self)
{
    self_ = self;
    if (!waiter.wants_fresh) {
        const auto idle = state_.take_idle(setup_->time->boot_now());
        close_discarded();
        if (idle) return serve(*slots_.at(*idle), &waiter);
    }
    state_.enqueue(waiter);
    try {
        open_more();
    } catch (const std::bad_alloc&) {
        state_.withdraw(waiter);
        throw;
    }
}

void connection_pool::withdraw(user& waiter)
{
    state_.withdraw(waiter);
    if (state_.waiting() <= state_.opening()) timers_->clear(*this);
    publish();
}

core::phase connection_pool::waited_for() const
{
    for (const auto& [id, entry] : slots_)
        if (entry->opened_at == core::instant()) return entry->held->at();
    return core::phase::pool;
}

template <class Make> void connection_pool::observe(Make make)
{
    if (!settings_.observe) return;
    try {
        settings_.observe(make());
    } catch (const std::bad_alloc&) {
        // The connection that the event is about goes on.
    }
}

void connection_pool::serve(slot& free, core::pool_waiter* waiter)
{
    free.serves = static_cast<user*>(waiter);
    publish();
    if (!free.serves) return;
    count(counters_.requests);
    free.serves->leased(*free.held);
}

void connection_pool::open_more()
{
    const auto self = self_.lock();
    const auto now = timers_->now();
    while (self && !stopped_ && reconnect_.allows(now, state_.opening()) && state_.begin_open()) open_one(self, now);
    const bool kept_waiting = state_.waiting() > state_.opening() && reconnect_.until() > now;
    kept_waiting ? timers_->set(*this, reconnect_.until()) : timers_->clear(*this);
    close_discarded();
    publish();
}

void connection_pool::open_one(const std::shared_ptr<connection::owner>& self, core::instant now)
{
    const auto id = ++last_id_;
    try {
        auto made = std::make_unique<slot>(*this, std::make_shared<connection>(id, executor_, setup_));
        slot& opening = *slots_.emplace(id, std::move(made)).first->second;
        opening.watch(now);
        opening.held->open(self);
    } catch (const std::bad_alloc&) {
        slots_.erase(id);
        core::outcome outcome;
        outcome.cause = make_error_code(boost::system::errc::not_enough_memory);
        outcome.at = core::phase::pool;
        fail_waiters(outcome, {});
    }
}

/// The pause after a failure is over.
void connection_pool::due(core::instant) { open_more(); }

void connection_pool::publish() noexcept
{
    counters_.connections.store(state_.connections(), std::memory_order_relaxed);
    counters_.idle.store(state_.idle(), std::memory_order_relaxed);
    counters_.opening.store(state_.opening(), std::memory_order_relaxed);
    counters_.waiting.store(state_.waiting(), std::memory_order_relaxed);
}

/// An event of a connection that was closed meanwhile may still arrive: its slot is gone.
void connection_pool::opened(connection& connection)
{
    const auto found = slots_.find(connection.id());
    if (found == slots_.end()) return;
    slot& opened = *found->second;
    timers_->clear(opened);
    auto& result = connection.result();
    if (result.outcome.cause) {
        const auto detail = std::move(result.detail); // the connection goes
        return open_failed(opened, result.outcome, detail);
    }
    reconnect_.succeeded();
    lack_.clear();
    opened.opened_at = setup_->time->boot_now();
    opened.life = shortened(settings_.life);
    const stream& tls = *connection.transport();
    count(counters_.opened);
    if (tls.is_resumed()) count(counters_.resumed);
    observe([&] {
        return connection_opened{connection.id(), connection.peer(), tls.tls_version(), tls.cipher(), tls.is_resumed()};
    });
    auto* const first = state_.opened(connection.id(), idles_since(opened, opened.opened_at));
    if (!first) connection.rest();
    serve(opened, first);
    open_more();
}

void connection_pool::open_failed(slot& failed, core::outcome outcome, const std::string& detail)
{
    slots_.erase(failed.held->id());
    // If other connections are open, the waiters get one of those.
    if (is_lack_of_descriptors(outcome.cause) && state_.connections() > 1)
        give_up_opening(outcome.cause);
    else
        fail_waiters(outcome, detail);
    open_more();
}

void connection_pool::give_up_opening(const boost::system::error_code& lack)
{
    lack_ = lack;
    count(counters_.failed);
    reconnect_.failed(timers_->now(), async::random_unit());
    state_.give_up_opening();
}

/// The first waiter fails; without any connection all of them do. Not those who come meanwhile: a waiter that retries at once
/// gets an attempt of its own.
void connection_pool::fail_waiters(const core::outcome& outcome, const std::string& detail)
{
    count(counters_.failed);
    reconnect_.failed(timers_->now(), async::random_unit());
    auto* first = state_.open_failed();
    for (auto left = state_.waiting(); first; first = left-- != 0 ? state_.next_without_connection() : nullptr)
        static_cast<user*>(first)->not_connected(outcome, detail);
}

void connection_pool::answered(connection& connection)
{
    const auto found = slots_.find(connection.id());
    if (found == slots_.end() || !found->second->serves) return;
    std::exchange(found->second->serves, nullptr)->answered(connection);
}

void connection_pool::release(connection& connection, bool reusable)
{
    slot& released = *slots_.at(connection.id());
    released.serves = nullptr;
    const auto now = setup_->time->boot_now();
    const bool young = now - released.opened_at < released.life;
    const auto next = state_.released(connection.id(), reusable && young, idles_since(released, now));
    if (next.close)
        close(connection.id(), reusable && young ? "a new one is wanted" : young ? "not clean" : "too old");
    else
        connection.rest();
    if (next.to) serve(released, next.to);
    open_more();
}

/// A start of idling, before `now`, by which the idle limit ends with the shortened limit or with the connection's life.
core::instant connection_pool::idles_since(const slot& idle, core::instant now) const
{
    const auto limit = settings_.limits.keep_alive;
    return (std::min)(now + shortened(limit), idle.opened_at + idle.life) - limit;
}

void connection_pool::discard(connection& connection, std::string_view why)
{
    const auto held = connection.shared_from_this();
    slots_.at(held->id())->serves = nullptr; // whatever follows, its user hears of it no more
    state_.released(held->id(), false, setup_->time->boot_now());
    close(held->id(), why);
    held->abort();
    open_more();
}

std::shared_ptr<void> connection_pool::discard_all()
{
    stopped_ = true;
    return std::make_shared<decltype(slots_)>(std::exchange(slots_, {}));
}

void connection_pool::close_idle()
{
    while (const auto id = state_.take_oldest_idle()) close(*id, "idle");
    publish();
}

void connection_pool::close_discarded()
{
    for (const auto id : state_.discarded()) close(id, "idle");
}

void connection_pool::close(core::pool_state::id id, std::string_view why)
{
    slots_.erase(id);
    observe([&] { return connection_closed{id, std::string(why)}; });
}

}
