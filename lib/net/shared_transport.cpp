#include "net/shared_transport.hpp"

#include <boost/asio/post.hpp>

#include <new>
#include <utility>
#include <vector>

namespace doks::net {

/// A drain under way: its bound, and the handlers to call. The transport owns it from the first drain on.
struct shared_transport::drainage final : core::timer
{
    explicit drainage(shared_transport& owner)
        : transport(owner)
    {}
    ~drainage() override { transport.timers_->clear(*this); }

    void due(core::instant now) override
    {
        constexpr auto again = std::chrono::milliseconds(50);
        try {
            for (const auto& operation : transport.pending()) operation->cancel(errc::draining);
        } catch (const std::bad_alloc&) {
            transport.timers_->set(*this, now + again); // some are not cancelled yet
            throw;
        }
    }

    shared_transport& transport;
    std::vector<std::unique_ptr<async::completion<void()>>> waiting;
};

namespace {

std::shared_ptr<const connection_setup> setup_of(
    const client_config& config, const origin& api, const io_backends& backends, const async::executor& strand)
{
    const auto& bounds = config.timeouts;
    auto setup = std::make_shared<connection_setup>(connection_setup{.where = api.where,
        .time = backends.time,
        .network = backends.network,
        .limits = {bounds.connect, bounds.proxy, bounds.tls, bounds.first_byte, bounds.body_idle},
        .owner_strand = strand});
    if (api.secure) {
        setup->tls = std::make_shared<tls_context>(config.tls);
        setup->tls->make_client(api.where.host); // so that a name that cannot be verified is refused now
    }
    if (api.secure && config.tls.resume_sessions)
        setup->sessions = std::make_shared<session_cache>(2 * config.connections, config.timeouts.connection_life);
    return setup;
}

}

std::shared_ptr<shared_transport> shared_transport::make(
    asio::any_io_executor executor, const client_config& config, const origin& api, const io_backends& backends)
{
    std::shared_ptr<shared_transport> made(new shared_transport(std::move(executor), config, api, backends));
    made->home_.context->add(*made);
    return made;
}

shared_transport::shared_transport(
    asio::any_io_executor executor, const client_config& config, const origin& api, const io_backends& backends)
    : home_(std::move(executor))
    , strand_(async::inner_executor(home_.executor))
    , observer_strand_(async::inner_executor(home_.executor))
    , timeouts_(config.timeouts)
    , observer_(config.observer ? std::make_shared<const observer>(config.observer) : nullptr)
    , timers_(std::make_shared<async::timer_queue>(strand_, backends.time))
    , weak_strand_(std::make_shared<async::weak_strand>(strand_))
{
    connection_pool::settings options{
        {config.connections, config.timeouts.keep_alive}, config.timeouts.connection_life, {}};
    if (observer_) options.observe = [this](event happened) { tell(std::move(happened)); };
    pool_ = std::make_unique<connection_pool>(
        home_.executor, setup_of(config, api, backends, strand_), timers_, std::move(options));
}

shared_transport::~shared_transport()
{
    home_.context->remove(*this);
    weak_strand_->close();
}

void shared_transport::acquire(connection_pool::user& waiter)
{
    pool_->acquire(waiter, std::shared_ptr<connection::owner>(shared_from_this(), pool_.get()));
}

void shared_transport::tell(event what)
{
    asio::post(observer_strand_, [to = observer_, what = std::move(what)] { (*to)(what); });
}

bool shared_transport::enlist(std::shared_ptr<pending_operation> operation)
{
    if (drainage_) return false;
    pending_.push_back(*operation);
    auto& self = operation->self_;
    self = std::move(operation);
    return true;
}

std::shared_ptr<pending_operation> shared_transport::dismiss(pending_operation& operation)
{
    auto last = std::move(operation.self_);
    pending_.erase(pending_.iterator_to(operation));
    drained_if_empty();
    return last;
}

std::vector<std::shared_ptr<pending_operation>> shared_transport::pending() const
{
    std::vector<std::shared_ptr<pending_operation>> all;
    for (const auto& operation : pending_) all.push_back(operation.self_);
    return all;
}

/// Breaks the cycles of transport, list, operations and connections at work.
std::shared_ptr<void> shared_transport::discard()
{
    struct discarded // destroyed from the last member on: operations and connections use the transport
    {
        std::shared_ptr<shared_transport> self;
        std::shared_ptr<void> connections;
        std::vector<std::shared_ptr<pending_operation>> operations;
    };
    auto all = std::make_shared<discarded>();
    all->self = weak_from_this().lock();
    if (!all->self) return all;
    all->operations = pending();
    while (!pending_.empty()) {
        pending_.front().self_.reset();
        pending_.pop_front();
    }
    all->connections = pool_->discard_all();
    return all;
}

void shared_transport::drain(core::duration bound, asio::any_completion_handler<void()> handler)
{
    auto done = std::make_unique<async::completion<void()>>(std::move(handler), home_);
    asio::post(strand_, [self = shared_from_this(), bound, done = std::move(done)]() mutable {
        self->begin_drain(bound, std::move(done));
    });
}

void shared_transport::begin_drain(core::duration bound, std::unique_ptr<async::completion<void()>> handler)
{
    if (!drainage_) drainage_ = std::make_unique<drainage>(*this);
    drainage_->waiting.push_back(std::move(handler));
    timers_->set(*drainage_, timers_->now() + bound);
    drained_if_empty();
}

void shared_transport::drained_if_empty()
{
    if (!drainage_ || !pending_.empty()) return;
    timers_->clear(*drainage_);
    const auto finish_all = [this] {
        for (auto& each : std::exchange(drainage_->waiting, {})) each->finish([] { return std::tuple<>(); });
    };
    try {
        pool_->close_idle();
    } catch (const std::bad_alloc&) {
        finish_all(); // nothing else would
        throw;
    }
    finish_all();
}

}
