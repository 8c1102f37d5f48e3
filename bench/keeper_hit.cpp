// What a hit in the keeper costs: time and heap allocations, from 1,000 clusters that are held.
//
//   bench_keeper_hit [hits]
//
// `held` is the plain question; `co_await get` is what most users write, whose coroutine frames and hop come on top. The
// simulator runs in a process of its own. Allocations are those of all threads, Asio's included.

#include <doks/keeper.hpp>
#include <doks/sim/simulator.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <sstream>
#include <string>
#include <vector>

namespace asio = boost::asio;

namespace {

std::atomic<std::size_t> allocations{0};

constexpr std::size_t clusters = 1000;

}

void* operator new(std::size_t size)
{
    ++allocations;
    if (void* const made = std::malloc(size)) return made;
    throw std::bad_alloc();
}
void operator delete(void* gone) noexcept { std::free(gone); }
void operator delete(void* gone, std::size_t) noexcept { std::free(gone); }

/// What Asio allocates its operations and frames with.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size)
{
    ++allocations;
    void* made = nullptr;
    return ::posix_memalign(&made, alignment, size) == 0 ? made : nullptr;
}

namespace {

/// The simulator's URL, CA file, token and ids, from a process of its own that ends with this one.
struct served
{
    served()
    {
        int out[2];
        int until[2];
        if (::pipe(out) != 0 || ::pipe(until) != 0) std::exit(1);
        child = ::fork();
        if (child == 0) serve(out[1], until);
        ::close(out[1]);
        ::close(until[0]);
        std::string text;
        char piece[4096];
        for (ssize_t got; (got = ::read(out[0], piece, sizeof piece)) > 0;)
            text.append(piece, static_cast<std::size_t>(got));
        std::istringstream lines(text);
        lines >> url >> ca_file >> token;
        for (std::string id; lines >> id;) ids.push_back(id);
        alive = until[1];
    }
    ~served()
    {
        ::close(alive);
        ::waitpid(child, nullptr, 0);
    }
    served(const served&) = delete;
    served& operator=(const served&) = delete;

    [[noreturn]] static void serve(int out, const int (&until)[2])
    {
        ::close(until[1]);
        {
            doks::sim::options how;
            how.clusters = clusters;
            how.limit.enabled = false;
            const doks::sim::simulator api(how);
            std::string text = api.url() + ' ' + api.ca_file() + ' ' + api.token();
            for (const auto& id : api.cluster_ids()) text += ' ' + id;
            if (::write(out, text.data(), text.size()) < 0) ::_exit(1);
            ::close(out);
            char end = 0;
            while (::read(until[0], &end, 1) > 0) {
            }
        }
        ::_exit(0);
    }

    std::string url, ca_file, token;
    std::vector<std::string> ids;
    pid_t child = -1;
    int alive = -1;
};

struct cost
{
    double nanoseconds = 0, allocated = 0;
};

/// The best of five runs: what disturbs one only adds.
template <class Run> cost best_of(std::size_t hits, Run run)
{
    cost best{1e9, 1e9};
    for (int i = 0; i < 5; ++i) {
        const auto before = allocations.load();
        const auto began = std::chrono::steady_clock::now();
        run(hits);
        const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - began;
        best.nanoseconds = std::min(best.nanoseconds, took.count() / static_cast<double>(hits));
        best.allocated =
            std::min(best.allocated, static_cast<double>(allocations.load() - before) / static_cast<double>(hits));
    }
    return best;
}

asio::awaitable<void> get_all(const doks::keeper& keeper, const std::vector<std::string>& ids, std::size_t hits)
{
    for (std::size_t i = 0; i < hits; ++i) {
        const auto config = co_await keeper.kubeconfig(ids[i % ids.size()]);
        if (config.bytes().empty()) std::abort();
    }
}

}

int main(int argc, char** argv)
{
    const std::size_t hits = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
    const served api;
    asio::io_context context(1);
    doks::client_config config;
    config.api_url = api.url;
    config.tls.ca_file = api.ca_file;
    config.token = doks::token(api.token);
    config.rate_limit.clear();
    const doks::keeper keeper(doks::client(context.get_executor(), config), {.expiry = std::chrono::hours(1)});
    const auto run = [&](std::size_t count) {
        asio::co_spawn(context, get_all(keeper, api.ids, count), [](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
        });
        context.restart();
        context.run();
    };
    run(clusters);
    const auto held = best_of(hits, [&](std::size_t count) {
        for (std::size_t i = 0; i < count; ++i)
            if (!keeper.held(api.ids[i % clusters])) std::abort();
    });
    const auto awaited = best_of(hits, run);
    std::printf(
        "{\"held_ns\":%.0f,\"held_allocations\":%.3f,\"get_ns\":%.0f,\"get_allocations\":%.3f,\"minted\":%zu}\n",
        held.nanoseconds, held.allocated, awaited.nanoseconds, awaited.allocated, keeper.stats().minted);
    return 0;
}
