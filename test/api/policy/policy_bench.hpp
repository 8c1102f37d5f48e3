#pragma once

#include "net/call/policy_layers.hpp"
#include "support/user_policies.hpp"
#include "support/virtual_world.hpp"

#include <doks/policy.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_future.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <memory>
#include <stdexcept>

namespace doks::test {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using boost::system::error_code;
using boost::system::system_error;

/// Fails with the code so often before it succeeds.
struct flaky
{
    asio::awaitable<int> operator()()
    {
        if (++*calls <= failures) throw system_error(cause);
        co_return *calls;
    }
    int failures = 0;
    error_code cause = asio::error::connection_reset;
    std::shared_ptr<int> calls = std::make_shared<int>(0);
};

/// Waits by the manual clock; heeds cancellation.
struct slow
{
    asio::awaitable<int> operator()()
    {
        ++*calls;
        auto on = co_await asio::this_coro::executor;
        asio::steady_timer never(on, asio::steady_timer::time_point::max());
        co_await never.async_wait(asio::use_awaitable);
        co_return 1;
    }
    std::shared_ptr<int> calls = std::make_shared<int>(0);
};

/// Runs coroutines on a context of one thread, by the manual clock where a policy takes it.
struct bench
{
    ~bench() { time->stop(); }

    template <class T> std::future<T> start(asio::awaitable<T> work)
    {
        return asio::co_spawn(context, std::move(work), asio::use_future);
    }
    template <class Future> auto finish(Future later)
    {
        while (later.wait_for(0s) != std::future_status::ready) {
            context.restart();
            if (context.poll() == 0 && !time->advance()) throw std::logic_error("nothing is left to do");
        }
        return later.get();
    }
    template <class T> T run(asio::awaitable<T> work) { return finish(start(std::move(work))); }
    policy timed(const policy& which) const { return impl::policy_access::by_clock(which, time); }

    std::shared_ptr<manual_clock> time = std::make_shared<manual_clock>();
    asio::io_context context;
};

}
