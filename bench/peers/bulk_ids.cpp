// What a bulk of many ids costs beside bulks of a thousand, in memory and CPU: `--requests` says how many ids. The list of
// the ids itself counts as the bulk's.

#include "peers/resident.hpp"
#include "peers/workers.hpp"

#include <doks/client.hpp>

#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <stdexcept>

namespace asio = boost::asio;

namespace {

constexpr std::size_t few = 1000;

std::vector<std::string> ids(std::size_t count)
{
    std::vector<std::string> made;
    made.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        char text[64];
        std::snprintf(text, sizeof text, "%08zx-7d4e-4c39-b1a0-5e2f6c9d8e71", i);
        made.emplace_back(text);
    }
    return made;
}

asio::awaitable<void> drain(doks::client client, std::vector<std::string> of, std::size_t length, std::size_t& peak)
{
    std::size_t taken = 0;
    doks::bulk all = client.kubeconfigs(std::move(of));
    while (true) {
        const auto next = co_await all.next();
        if (!next) break;
        if (next->outcome.value().bytes().size() != length) throw std::runtime_error("a response of another length");
        if (++taken % few == 0) peak = (std::max)(peak, peers::resident_bytes());
    }
}

struct cost
{
    double cpu_us = 0; ///< for each id
    std::size_t peak = 0;
};

cost fetch(asio::io_context& context, const doks::client& client, const peers::order& what, std::size_t count)
{
    cost of;
    auto list = ids(count);
    const auto before = std::clock();
    peers::run_workers(context, 1, [&](std::size_t) { return drain(client, std::move(list), what.length, of.peak); });
    of.cpu_us = static_cast<double>(std::clock() - before) * 1e6 / CLOCKS_PER_SEC / static_cast<double>(count);
    return of;
}

}

int main(int argc, char** argv)
{
    const auto what = peers::read_order(argc, argv);
    asio::io_context context(1);
    doks::client_config config;
    config.api_url = "https://" + what.address();
    config.tls.ca_file = what.ca_file;
    config.token = doks::token(what.token);
    config.connections = what.connections;
    config.rate_limit.clear();
    const doks::client client(context.get_executor(), config);

    cost small = fetch(context, client, what, few);
    std::vector<double> cpu;
    for (int i = 0; i < 9; ++i) {
        const cost again = fetch(context, client, what, few);
        small.peak = (std::max)(small.peak, again.peak);
        cpu.push_back(again.cpu_us);
    }
    std::sort(cpu.begin(), cpu.end());
    const cost large = fetch(context, client, what, what.requests);
    const auto mib = [](std::size_t bytes) { return static_cast<double>(bytes) / (1024 * 1024); };
    const double growth = mib(large.peak) - mib(small.peak);
    std::printf("{\"ids\":%zu,\"rss_growth_mib\":%.2f,\"allowed_mib\":%.2f,\"cpu_us_1000_ids\":%.2f,"
                "\"cpu_us_all_ids\":%.2f}\n",
        what.requests, growth, 8 + mib(32 * what.requests), cpu[cpu.size() / 2], large.cpu_us);
    return 0;
}
