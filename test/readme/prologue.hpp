#pragma once

// What the README's examples share, precompiled: names, and a client of the simulator.

#include <doks/doks.hpp>
#include <doks/sim/simulator.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace readme {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

inline doks::client client_of(asio::io_context& context, const doks::sim::simulator& api)
{
    return doks::client(context.get_executor(),
        {.api_url = api.url(), .token = doks::token(api.token()), .tls = {.ca_file = api.ca_file()}});
}

/// Runs the coroutine to its end; what it throws comes out here.
template <class T> T run(asio::io_context& context, asio::awaitable<T> work)
{
    auto done = asio::co_spawn(context, std::move(work), asio::use_future);
    context.restart();
    context.run();
    return done.get();
}

}
