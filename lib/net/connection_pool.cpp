#include "net/connection_pool.hpp"

#include <utility>

namespace doks::net {

/// A connection, whom it serves, and the bound on its opening.
struct connection_pool::slot final : core::timer
{
    slot(connection_pool& of, std::shared_ptr<connection> which)
        : pool(of)
        , line(std::move(which))
    {}
    ~slot() override { pool.timers_->clear(*this); }

    void due(core::instant now) override
    {
        if (line->due() > now) return pool.timers_->set(*this, line->due());
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
};

connection_pool::connection_pool(asio::any_io_executor on, std::shared_ptr<const connection_setup> setup,
    std::shared_ptr<timer_queue> timers, settings how)
    : on_(std::move(on))
    , setup_(std::move(setup))
    , timers_(std::move(timers))
    , settings_(std::move(how))
    , book_(settings_.limits)
{}

connection_pool::~connection_pool() = default;

void connection_pool::acquire(user& who, std::shared_ptr<connection::owner> self)
{
    self_ = self;
    if (!who.wants_fresh) {
        const auto idle = book_.take_idle(setup_->time->boot_now());
        close_discarded();
        if (idle) return serve(*slots_.at(*idle), &who, true);
    }
    book_.enqueue(who);
    open_more();
}

void connection_pool::withdraw(user& who) { book_.withdraw(who); }

core::phase connection_pool::waited_for() const
{
    for (const auto& [id, each] : slots_)
        if (each->opened_at == core::instant()) return each->line->at();
    return core::phase::pool;
}

void connection_pool::serve(slot& from, core::pool_waiter* to, bool probe)
{
    from.serves = static_cast<user*>(to);
    if (from.serves) from.serves->leased(*from.line, probe);
}

void connection_pool::open_more()
{
    const auto self = self_.lock();
    while (self && !stopped_ && book_.begin_open()) {
        auto made = std::make_unique<slot>(*this, std::make_shared<connection>(++last_id_, on_, setup_));
        timers_->set(*made, made->line->due());
        made->line->open(self);
        slots_.emplace(last_id_, std::move(made));
    }
    close_discarded();
}

void connection_pool::opened(connection& which)
{
    const auto found = slots_.find(which.id());
    if (found == slots_.end()) return;
    slot& of = *found->second;
    timers_->clear(of);
    if (which.result().outcome.cause) return open_failed(of, which.result().outcome, which.result().detail);
    of.opened_at = setup_->time->boot_now();
    if (settings_.observe)
        settings_.observe(
            connection_opened{which.id(), which.peer(), which.transport()->tls_version(), which.transport()->cipher()});
    serve(of, book_.opened(which.id(), of.opened_at), false);
}

void connection_pool::open_failed(slot& of, core::outcome why, std::string detail)
{
    slots_.erase(of.line->id());
    core::pool_waiter* const first = book_.open_failed();
    if (first) static_cast<user*>(first)->not_connected(why, std::move(detail));
    open_more();
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
    const bool young = now - of.opened_at < settings_.life;
    const auto next = book_.released(which.id(), reusable && young, now);
    if (next.close)
        close(which.id(), reusable && young ? "a new one is wanted" : young ? "not clean" : "too old");
    else if (next.to)
        serve(of, next.to, false);
    open_more();
}

void connection_pool::abandon(connection& which, std::string_view why)
{
    which.abort();
    book_.released(which.id(), false, setup_->time->boot_now());
    close(which.id(), why);
    open_more();
}

void connection_pool::forsake()
{
    stopped_ = true;
    for (const auto& [id, each] : slots_) each->line->forsake();
}

void connection_pool::close_idle()
{
    book_.discard_idle();
    close_discarded();
}

void connection_pool::close_discarded()
{
    for (const auto which : book_.discarded()) close(which, "idle");
}

void connection_pool::close(core::pool_book::id which, std::string_view why)
{
    slots_.erase(which);
    if (settings_.observe) settings_.observe(connection_closed{which, std::string(why)});
}

}
