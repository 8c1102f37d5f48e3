#include "cli/process/stop_signals.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>

#include <atomic>
#include <csignal>
#include <initializer_list>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <unistd.h>

namespace doks::cli {

namespace asio = boost::asio;

namespace {

std::atomic<bool> was_received = false;

/// Never destroyed, for the thread never ends.
struct listener
{
    std::mutex mutex;
    std::function<bool()> take; ///< false if one was taken before

    static listener& of_process()
    {
        static listener& made = *new listener;
        return made;
    }

    void set(std::function<bool()> to)
    {
        const std::lock_guard lock(mutex);
        take = std::move(to);
    }

    bool is_taken()
    {
        const std::lock_guard lock(mutex);
        return take && take();
    }
};

sigset_t set_of(std::initializer_list<int> signals)
{
    sigset_t set;
    ::sigemptyset(&set);
    for (const int each : signals) ::sigaddset(&set, each);
    return set;
}

/// As it would without this thread.
void end_process(int signal)
{
    std::signal(signal, SIG_DFL);
    const auto only = set_of({signal});
    ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
    ::kill(::getpid(), signal);
}

}

struct stop_signals::state : std::enable_shared_from_this<state>
{
    state(asio::any_io_executor on, std::function<void()> on_first)
        : executor(std::move(on))
        , hang_ups(executor)
        , first(std::move(on_first))
    {}

    bool take()
    {
        if (received.exchange(true)) return false;
        was_received = true;
        asio::post(executor, [weak = weak_from_this()] {
            if (const auto own = weak.lock()) own->first();
        });
        return true;
    }

    asio::any_io_executor executor;
    asio::signal_set hang_ups;
    std::function<void()> first;
    std::atomic<bool> received = false;
};

void stop_signals::take_over()
{
    static const auto taken = set_of({SIGINT, SIGTERM});
    ::pthread_sigmask(SIG_BLOCK, &taken, nullptr);
    try {
        std::thread([] {
            for (int signal = 0; ::sigwait(&taken, &signal) == 0;)
                if (!listener::of_process().is_taken()) end_process(signal);
        }).detach();
    } catch (const std::system_error&) {
        ::pthread_sigmask(SIG_UNBLOCK, &taken, nullptr); // the first one ends the process then
    }
}

stop_signals::stop_signals(asio::any_io_executor executor, std::function<void()> first, hang_up at_hang_up)
    : state_(std::make_shared<state>(std::move(executor), std::move(first)))
{
    listener::of_process().set([weak = std::weak_ptr(state_)] {
        const auto own = weak.lock();
        return own && own->take();
    });
    if (at_hang_up != hang_up::stops) return;
    state_->hang_ups.add(SIGHUP);
    state_->hang_ups.async_wait([weak = std::weak_ptr(state_)](boost::system::error_code error, int) {
        if (const auto own = weak.lock(); own && !error) own->take();
    });
}

stop_signals::~stop_signals() { listener::of_process().set(nullptr); }

bool stop_signals::received() const noexcept { return state_->received; }

bool stop_signals::any_received() noexcept { return was_received; }

}
