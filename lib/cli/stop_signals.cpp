#include "cli/stop_signals.hpp"

#include <boost/asio/signal_set.hpp>

#include <atomic>
#include <csignal>
#include <utility>

namespace doks::cli {

namespace asio = boost::asio;

namespace {

std::atomic<bool> was_received = false;

}

struct stop_signals::state
{
    state(asio::any_io_executor executor, std::function<void()> on_first)
        : signals(executor, SIGINT, SIGTERM)
        , first(std::move(on_first))
    {}

    asio::signal_set signals;
    std::function<void()> first;
    bool received = false;
};

stop_signals::stop_signals(asio::any_io_executor executor, std::function<void()> first, hang_up at_hang_up)
    : state_(std::make_shared<state>(std::move(executor), std::move(first)))
{
    if (at_hang_up == hang_up::stops) state_->signals.add(SIGHUP);
    state_->signals.async_wait([weak = std::weak_ptr(state_)](boost::system::error_code error, int) {
        auto own = weak.lock();
        if (error || !own) return;
        own->received = was_received = true;
        own->signals.clear();
        own->first();
    });
}

stop_signals::~stop_signals() = default;

bool stop_signals::received() const noexcept { return state_->received; }

bool stop_signals::any_received() noexcept { return was_received; }

}
