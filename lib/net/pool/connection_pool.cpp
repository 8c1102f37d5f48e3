#include "net/pool/connection_pool.hpp"

#include "async/random.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace doks::net {

namespace {

/// So that connections that were opened together do not end together.
core::duration less_a_tenth(core::duration of)
{
    return of - std::chrono::duration_cast<core::duration>(of / 10 * async::random_unit());
}

bool is_lack_of_descriptors(const boost::system::error_code& cause)
{
    return cause == boost::system::errc::too_many_files_open ||
           cause == boost::system::errc::too_many_files_open_in_system;
}

}

/// A connection, whom it serves, and the bound on its opening.
struct connection_pool::slot final : core::timer
{
    slot(connection_pool& of, std::shared_ptr<connection> which)
        : pool(of)
        , line(std::move(which))
    {}
    ~slot() override { pool.timers_->clear(*this); }

    /// No longer than the shortest bound: the phase that comes next may have one nearer than this one's.
    void watch(core::instant now)
    {
        const auto& limits = pool.setup_->limits;
        pool.timers_->set(*this, (std::min)(line->due(), now + (std::min)({limits.connect, limits.proxy, limits.tls})));
    }

    void due(core::instant now) override
    {
        if (line->due() > now) return watch(now);
        core::outcome late;
        late.cause = errc::timed_out;
        late.at = line->at();
        line->abort();
        pool.open_failed(*this, late, pool.setup_->where.host);
    }

    connection_pool& pool;
    std::shared_ptr<connection> line;
    user* serves = nullptr;
    core::instant opened_at{};
    core::duration life{};
};

connection_pool::connection_pool(asio::any_io_executor on, std::shared_ptr<const connection_setup> setup,
    std::shared_ptr<async::timer_queue> timers, settings how)
    : on_(std::move(on))
    , setup_(std::move(setup))
    , timers_(std::move(timers))
    , settings_(std::move(how))
    , state_(settings_.limits)
{}

connection_pool::~connection_pool() { timers_->clear(*this); }

void connection_pool::acquire(user& who, std::shared_ptr<connection::owner> self)
{
    self_ = self;
    if (!who.wants_fresh) {
        const auto idle = state_.take_idle(setup_->time->boot_now());
        close_discarded();
        if (idle) return serve(*slots_.at(*idle), &who);
    }
    state_.enqueue(who);
    try {
        open_more();
    } catch (const std::bad_alloc&) {
        state_.withdraw(who);
        throw;
    }
}

void connection_pool::withdraw(user& who)
{
    state_.withdraw(who);
    if (state_.waiting() <= state_.opening()) timers_->clear(*this);
    publish();
}

core::phase connection_pool::waited_for() const
{
    for (const auto& [id, each] : slots_)
        if (each->opened_at == core::instant()) return each->line->at();
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

void connection_pool::serve(slot& from, core::pool_waiter* to)
{
    from.serves = static_cast<user*>(to);
    publish();
    if (!from.serves) return;
    count(counters_.requests);
    from.serves->leased(*from.line);
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
        auto made = std::make_unique<slot>(*this, std::make_shared<connection>(id, on_, setup_));
        slot& of = *slots_.emplace(id, std::move(made)).first->second;
        of.watch(now);
        of.line->open(self);
    } catch (const std::bad_alloc&) {
        slots_.erase(id);
        core::outcome why;
        why.cause = make_error_code(boost::system::errc::not_enough_memory);
        why.at = core::phase::pool;
        not_opened(why, {});
    }
}

/// The pause is over.
void connection_pool::due(core::instant) { open_more(); }

void connection_pool::publish() noexcept
{
    counters_.connections.store(state_.connections(), std::memory_order_relaxed);
    counters_.idle.store(state_.idle(), std::memory_order_relaxed);
    counters_.opening.store(state_.opening(), std::memory_order_relaxed);
    counters_.waiting.store(state_.waiting(), std::memory_order_relaxed);
}

void connection_pool::opened(connection& which)
{
    const auto found = slots_.find(which.id());
    if (found == slots_.end()) return;
    slot& of = *found->second;
    timers_->clear(of);
    if (which.result().outcome.cause) {
        const auto detail = std::move(which.result().detail); // the connection goes
        return open_failed(of, which.result().outcome, detail);
    }
    reconnect_.succeeded();
    lack_.clear();
    of.opened_at = setup_->time->boot_now();
    of.life = less_a_tenth(settings_.life);
    const stream& through = *which.transport();
    count(counters_.opened);
    if (through.is_resumed()) count(counters_.resumed);
    observe([&] {
        return connection_opened{
            which.id(), which.peer(), through.tls_version(), through.cipher(), through.is_resumed()};
    });
    auto* const first = state_.opened(which.id(), idles_since(of, of.opened_at));
    if (!first) which.rest();
    serve(of, first);
    open_more();
}

void connection_pool::open_failed(slot& of, core::outcome why, const std::string& detail)
{
    slots_.erase(of.line->id());
    // Where other connections are open, the waiters get one of those.
    if (is_lack_of_descriptors(why.cause) && state_.connections() > 1)
        give_up_opening(why.cause);
    else
        not_opened(why, detail);
    open_more();
}

void connection_pool::give_up_opening(const boost::system::error_code& lack)
{
    lack_ = lack;
    count(counters_.failed);
    reconnect_.failed(timers_->now(), async::random_unit());
    state_.give_up_opening();
}

void connection_pool::not_opened(const core::outcome& why, const std::string& detail)
{
    count(counters_.failed);
    reconnect_.failed(timers_->now(), async::random_unit());
    auto* first = state_.open_failed();
    // Not those who come meanwhile: a try of their own is due to them.
    for (auto left = state_.waiting(); first; first = left-- != 0 ? state_.hopeless() : nullptr)
        static_cast<user*>(first)->not_connected(why, detail);
}

void connection_pool::answered(connection& which)
{
    const auto found = slots_.find(which.id());
    if (found != slots_.end() && found->second->serves) std::exchange(found->second->serves, nullptr)->answered(which);
}

void connection_pool::release(connection& which, bool reusable)
{
    slot& of = *slots_.at(which.id());
    of.serves = nullptr;
    const auto now = setup_->time->boot_now();
    const bool young = now - of.opened_at < of.life;
    const auto next = state_.released(which.id(), reusable && young, idles_since(of, now));
    if (next.close)
        close(which.id(), reusable && young ? "a new one is wanted" : young ? "not clean" : "too old");
    else
        which.rest();
    if (next.to) serve(of, next.to);
    open_more();
}

/// As if it idled since then, so that neither the idle limit nor what is left of its life is exceeded.
core::instant connection_pool::idles_since(const slot& which, core::instant now) const
{
    const auto limit = settings_.limits.keep_alive;
    return (std::min)(now + less_a_tenth(limit), which.opened_at + which.life) - limit;
}

void connection_pool::abandon(connection& which, std::string_view why)
{
    which.abort();
    state_.released(which.id(), false, setup_->time->boot_now());
    close(which.id(), why);
    open_more();
}

std::shared_ptr<void> connection_pool::discard()
{
    stopped_ = true;
    return std::make_shared<decltype(slots_)>(std::exchange(slots_, {}));
}

void connection_pool::close_idle()
{
    while (const auto which = state_.take_oldest_idle()) close(*which, "idle");
    publish();
}

void connection_pool::close_discarded()
{
    for (const auto which : state_.discarded()) close(which, "idle");
}

void connection_pool::close(core::pool_state::id which, std::string_view why)
{
    slots_.erase(which);
    observe([&] { return connection_closed{which, std::string(why)}; });
}

}
