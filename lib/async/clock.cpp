#include "async/clock.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <ctime>
#include <utility>

namespace doks::async {

namespace {

class system_alarm final : public alarm, public std::enable_shared_from_this<system_alarm>
{
public:
    system_alarm(executor on, std::function<void()> ring)
        : timer_(on)
        , ring_(std::move(ring))
    {}

    void set(core::instant at) override
    {
        timer_.expires_at(at);
        timer_.async_wait([self = weak_from_this()](boost::system::error_code aborted) {
            const auto alive = self.lock();
            if (alive && !aborted) alive->ring_();
        });
    }
    void clear() override { timer_.cancel(); }

private:
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, executor>
        timer_;
    std::function<void()> ring_;
};

/// Gives unique ownership over what the pending wait only watches.
class owned_alarm final : public alarm
{
public:
    explicit owned_alarm(std::shared_ptr<system_alarm> inner)
        : inner_(std::move(inner))
    {}
    void set(core::instant at) override { inner_->set(at); }
    void clear() override { inner_->clear(); }

private:
    std::shared_ptr<system_alarm> inner_;
};

class machine_clock final : public clock
{
public:
    core::instant steady_now() const override { return std::chrono::steady_clock::now(); }
    core::instant boot_now() const override
    {
        timespec at{};
        clock_gettime(CLOCK_BOOTTIME, &at);
        return core::instant(std::chrono::seconds(at.tv_sec) + std::chrono::nanoseconds(at.tv_nsec));
    }
    core::wall_time wall_now() const override { return std::chrono::system_clock::now(); }

    std::unique_ptr<alarm> make_alarm(executor on, std::function<void()> ring) override
    {
        return std::make_unique<owned_alarm>(std::make_shared<system_alarm>(std::move(on), std::move(ring)));
    }
};

}

std::shared_ptr<clock> system_clock() { return std::make_shared<machine_clock>(); }

}
