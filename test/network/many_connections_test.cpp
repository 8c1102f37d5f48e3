#include "network/load.hpp"
#include "network/servers/nginx.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <sys/resource.h>
#include <unistd.h>

// Many connections to nginx, with many requests each: memory, descriptors, and what a drain leaves.

using namespace std::chrono_literals;
using namespace doks;
using namespace doks::test;

namespace {

std::size_t open_descriptors()
{
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all))) - 1;
}

/// Of this process.
std::size_t resident_kib()
{
    std::ifstream in("/proc/self/statm");
    std::size_t whole = 0, resident = 0;
    in >> whole >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

/// As many descriptors as this machine lets us have.
std::size_t raised_limit()
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

/// Memory, descriptors and time of one run.
struct figures
{
    std::string text;
    std::size_t failed = 0, miscounted = 0, ended = 0, opened = 0;
    std::size_t early = 0, late = 0; ///< KiB resident
    std::size_t ready = 0, open = 0;
    bool drained = false;
    std::chrono::duration<double> took{};
};

figures work_and_drain(client_config config, std::size_t connections, std::size_t requests)
{
    figures seen;
    boost::asio::io_context context;
    config.connections = connections;
    config.timeouts.tls = config.timeouts.connect = 30s;
    const client client(context.get_executor(), config);
    client.warm_up(connections, [&](std::size_t count) { seen.ready = count; });
    context.run();

    load calls(client, connections);
    const auto start = std::chrono::steady_clock::now();
    calls.run(context, requests / 10);
    seen.early = resident_kib();
    calls.run(context, requests - calls.ended);
    seen.late = resident_kib();
    seen.took = std::chrono::steady_clock::now() - start;
    seen.opened = client.connections().opened;

    client.drain(10s, [&] { seen.drained = true; });
    context.restart();
    context.run();
    seen.open = client.connections().open;
    seen.text = calls.text();
    seen.failed = calls.failed;
    seen.miscounted = calls.miscounted();
    seen.ended = calls.ended;
    return seen;
}

}

TEST_CASE("many connections with many requests each: memory stays flat, and a drain leaves nothing")
{
    if (!nginx::is_installed()) {
        MESSAGE("skipped: there is no nginx here");
        return;
    }
    const std::size_t connections = (std::min)(sized(100, 1000), raised_limit() - 100);
    nginx server({.idle_limit = "600s", .requests = 10'000'000});
    const std::size_t before = open_descriptors();
    const auto seen = work_and_drain(server.config(), connections, connections * sized(100, 1000));
    const std::size_t left = open_descriptors() - before;
    MESSAGE(seen.text, " on ", seen.opened, " connections in ", seen.took.count(), " s; resident: ", seen.early,
        " KiB after the first tenth, ", seen.late, " KiB at the end; ", left, " descriptors left");
    CHECK(seen.ready == connections);
    CHECK(seen.failed == 0);
    CHECK(seen.miscounted == 0);
    CHECK(seen.opened == connections);
    const std::size_t of_the_test = seen.ended * sizeof(unsigned) * 2 / 1024;
    CHECK(seen.late <= seen.early + seen.early / 20 + of_the_test);
    CHECK(seen.drained);
    CHECK(seen.open == 0);
    CHECK(left == 0);
}
