#pragma once

#include "network/load.hpp"
#include "network/servers/nginx.hpp"

#include <doctest/doctest.h>

#include <iterator>
#include <thread>

// Load on a real server while it is reloaded or restarted, again and again.

namespace doks::test {

/// Closes connections early, by time and by count.
inline nginx::habits fickle() { return {.idle_limit = "1s", .requests = 50, .chunked = true}; }

/// Bursts through all connections with pauses about as long as nginx lets a connection idle, and ten reloads meanwhile.
inline void run_fault_loop(load& calls, boost::asio::io_context& context, nginx& server, std::size_t requests)
{
    using namespace std::chrono_literals;
    constexpr std::chrono::milliseconds pauses[] = {996ms, 1000ms, 1001ms, 1003ms};
    constexpr std::size_t bursts = std::size(pauses) + 1;
    for (std::size_t burst = 0; burst < bursts; ++burst) {
        if (burst != 0) std::this_thread::sleep_for(pauses[burst - 1]);
        for (int half = 0; half < 2; ++half) {
            server.reload();
            calls.run(context, requests / bursts / 2);
        }
    }
}

/// No call failed, paid an attempt or got another's kubeconfig.
inline void check_that_nothing_was_felt(const load& calls)
{
    CHECK(calls.failed == 0);
    CHECK(calls.paid == 0);
    CHECK(calls.cross_wired == 0);
    CHECK(calls.miscounted() == 0);
    CHECK(calls.most_resends <= 1);
}

}
