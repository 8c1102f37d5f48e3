#include "net/transport.hpp"

#include <boost/asio/post.hpp>

#include <utility>
#include <vector>

namespace doks::net {

/// A drain under way: its bound, and who waits for it.
struct transport::drainage final : core::timer
{
    explicit drainage(transport& which)
        : of(which)
    {}
    ~drainage() override { of.timers_->clear(*this); }

    void due(core::instant) override
    {
        while (!of.live_.empty()) of.live_.front().cancel(errc::draining);
    }

    transport& of;
    std::vector<completion<void()>> waiting;
};

namespace {

std::shared_ptr<const connection_setup> setup_of(
    const client_config& config, const origin& api, const doors& outside, const executor& strand)
{
    const auto& bounds = config.timeouts;
    auto setup = std::make_shared<connection_setup>(connection_setup{.where = api.where,
        .time = outside.time,
        .network = outside.network,
        .limits = {bounds.connect, bounds.proxy, bounds.tls, bounds.first_byte, bounds.body_idle},
        .owner_strand = strand});
    if (api.secure) {
        setup->profile = std::make_shared<tls_profile>(config.tls);
        setup->profile->make_client(api.where.host); // a name that cannot be verified is refused now
    }
    if (api.secure && config.tls.resume_sessions)
        setup->sessions = std::make_shared<session_cache>(2 * config.connections, config.timeouts.connection_life);
    return setup;
}

}

std::shared_ptr<transport> transport::make(
    asio::any_io_executor on, const client_config& config, const origin& api, const doors& outside)
{
    std::shared_ptr<transport> made(new transport(std::move(on), config, api, outside));
    made->watch(made);
    return made;
}

transport::transport(asio::any_io_executor on, const client_config& config, const origin& api, const doors& outside)
    : home_(std::move(on))
    , strand_(inner_executor(home_.executor))
    , observer_strand_(inner_executor(home_.executor))
    , timeouts_(config.timeouts)
    , observer_(config.observer ? std::make_shared<const observer>(config.observer) : nullptr)
    , timers_(std::make_shared<timer_queue>(strand_, outside.time))
    , door_(std::make_shared<strand_door>(strand_))
{
    connection_pool::settings how{
        {config.connections, config.timeouts.keep_alive}, config.timeouts.connection_life, {}};
    if (observer_) how.observe = [this](event what) { observe(std::move(what)); };
    pool_ = std::make_unique<connection_pool>(
        home_.executor, setup_of(config, api, outside, strand_), timers_, std::move(how));
}

transport::~transport()
{
    door_->with([](auto& there) { there.reset(); });
}

void transport::acquire(connection_pool::user& who)
{
    pool_->acquire(who, std::shared_ptr<connection::owner>(shared_from_this(), pool_.get()));
}

void transport::observe(event what)
{
    if (!observer_) return;
    asio::post(observer_strand_, [to = observer_, what = std::move(what)] { (*to)(what); });
}

bool transport::enlist(live_call& who)
{
    if (drainage_) return false;
    live_.push_back(who);
    return true;
}

void transport::dismiss(live_call& who)
{
    live_.erase(live_.iterator_to(who));
    drained_if_empty();
}

void transport::watch(std::weak_ptr<async::context_bound> who)
{
    async::watch_context(asio::query(home_.executor, asio::execution::context), std::move(who));
}

void transport::abandon()
{
    door_->with([](auto& there) { there.reset(); });
    pool_->forsake();
    while (!live_.empty()) live_.front().abandon();
    if (drainage_) drainage_->waiting.clear();
}

void transport::drain(core::duration bound, asio::any_completion_handler<void()> handler)
{
    asio::post(
        strand_, [self = shared_from_this(), bound, who = completion<void()>(std::move(handler), home_)]() mutable {
            self->begin_drain(bound, std::move(who));
        });
}

void transport::begin_drain(core::duration bound, completion<void()> who)
{
    if (!drainage_) drainage_ = std::make_unique<drainage>(*this);
    drainage_->waiting.push_back(std::move(who));
    timers_->set(*drainage_, timers_->now() + bound);
    drained_if_empty();
}

void transport::drained_if_empty()
{
    if (!drainage_ || !live_.empty()) return;
    timers_->clear(*drainage_);
    pool_->close_idle();
    for (auto& each : std::exchange(drainage_->waiting, {})) std::move(each).finish([] { return std::tuple<>(); });
}

}
