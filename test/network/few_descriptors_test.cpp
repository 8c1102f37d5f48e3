#include "network/load.hpp"
#include "network/servers/process.hpp"
#include "network/servers/tls_server.hpp"
#include "support/scratch.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <cstdio>

#include <sys/resource.h>
#include <unistd.h>

// A client whose process may open 24 files, then none, on real sockets.

using namespace std::chrono_literals;
using namespace doks;
using namespace doks::test;

namespace {

/// Of this process, in user and kernel mode.
std::chrono::duration<double> processor_time()
{
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    const auto of = [](const timeval& each) {
        return std::chrono::seconds(each.tv_sec) + std::chrono::microseconds(each.tv_usec);
    };
    return of(used.ru_utime) + of(used.ru_stime);
}

/// Where the parent process serves.
client_config config_from_environment()
{
    client_config made;
    made.api_url = std::getenv("DOKS_TEST_URL");
    made.tls.ca_file = std::getenv("DOKS_TEST_CA");
    made.token = token("a-token-of-the-test");
    made.rate_limit.clear();
    return made;
}

/// The calls that fail, by their causes, and how long it took.
struct shortage
{
    std::size_t succeeded = 0, typed = 0, other = 0;
    void count(const result<kubeconfig>& got)
    {
        if (got)
            ++succeeded;
        else
            ++(got.error().code() == boost::system::errc::too_many_files_open ? typed : other);
    }
};

/// Makes so many calls at once, and sorts their outcomes.
shortage ask(const client& which, boost::asio::io_context& context, std::size_t calls, std::chrono::seconds within = 3s)
{
    shortage seen;
    for (std::size_t i = 0; i < calls; ++i)
        which.try_kubeconfig(numbered_id(i), {.timeout = within}, [&](result<kubeconfig> got) { seen.count(got); });
    context.restart();
    context.run();
    return seen;
}

/// Bounds the files that this process may have open.
void limit_descriptors(rlim_t to)
{
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = to;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &limit) == 0);
}

}

TEST_CASE("few descriptors in a process of its own" * doctest::skip())
{
    limit_descriptors(24);
    boost::asio::io_context context;
    const client client(context.get_executor(), config_from_environment());
    const doks::client starved(context.get_executor(), config_from_environment());
    const auto some = ask(client, context, 500);
    const std::size_t open = client.connections().open;

    std::vector<int> hoard;
    client.drain(1s, [] {});
    context.restart();
    context.run();
    for (int fd; (fd = ::dup(0)) >= 0;) hoard.push_back(fd);

    CHECK_THROWS_AS(doks::client(context.get_executor(), config_from_environment()), failure);
    const auto wall = std::chrono::steady_clock::now();
    const auto used = processor_time();
    const auto none = ask(starved, context, 8);
    const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - wall;
    const double busy = (processor_time() - used) / waited;
    for (int fd : hoard) ::close(fd);
    const auto again = ask(starved, context, 8, 10s); // longer than the pool pauses after failures
    std::printf(
        "with 24 descriptors: %zu of 500 calls succeed on %zu connections, %zu fail typed, %zu otherwise; with "
        "none left: %zu fail typed, %zu otherwise, after %.2f s with %.2f %% of a processor; then %zu of 8 succeed\n",
        some.succeeded, open, some.typed, some.other, none.typed, none.other, waited.count(), busy * 100,
        again.succeeded);
    CHECK(some.succeeded == 500); // a call without a connection of its own waits for another's
    CHECK(none.typed == 8);
    CHECK(busy < 0.05);
    CHECK(again.succeeded == 8);
}

/// The undefined behaviour sanitizer looks at memory through a pipe, and takes it for bad where it cannot have one.
#ifdef __SANITIZE_ADDRESS__
constexpr bool sanitizer_needs_descriptors = true;
#else
constexpr bool sanitizer_needs_descriptors = false;
#endif

TEST_CASE("where descriptors run out the failure is typed, nothing spins, and a client recovers" *
          doctest::skip(sanitizer_needs_descriptors))
{
    tls_server server;
    const temporary_folder folder;
    ::setenv("DOKS_TEST_URL", server.url().c_str(), 1);
    ::setenv("DOKS_TEST_CA", server.ca_file().c_str(), 1);
    process child({"/proc/self/exe", "-ns", "-tc=few descriptors in a process of its own"}, folder / "out");
    const int status = child.wait(60s);
    MESSAGE(content(folder / "out"));
    CHECK(status == 0);
}
