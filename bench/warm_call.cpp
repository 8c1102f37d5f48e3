// What one warm call costs beside the floor: CPU of the client's thread and heap allocations, as ratios of one run.
//
//   bench_warm_call [requests per round]
//
// The floor is a prebuilt request over a blocking OpenSSL connection, without any HTTP parser. Both talk to the same
// simulator in turn; the figure is the median of the rounds' ratios.

#include <doks/client.hpp>
#include <doks/sim/simulator.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <openssl/ssl.h>

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <vector>

namespace asio = boost::asio;

namespace {

thread_local std::size_t allocations = 0;

double cpu_seconds()
{
    rusage used{};
    getrusage(RUSAGE_THREAD, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

struct cost
{
    double microseconds = 0;
    double allocations = 0;
};

template <class Work> cost cost_of(std::size_t requests, Work work)
{
    const std::size_t allocated = allocations;
    const double began = cpu_seconds();
    work();
    const auto count = static_cast<double>(requests);
    return {(cpu_seconds() - began) * 1e6 / count, static_cast<double>(allocations - allocated) / count};
}

/// The floor: one connection, one request at a time, blocking.
class blocking_client
{
public:
    blocking_client(const doks::sim::simulator& server, const std::string& target)
        : socket_(context_)
        , tls_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free)
        , ssl_(nullptr, &SSL_free)
    {
        const auto url = server.url();
        const auto colon = url.rfind(':');
        const auto port = static_cast<std::uint16_t>(std::atoi(url.c_str() + colon + 1));
        socket_.connect({asio::ip::make_address("127.0.0.1"), port});
        socket_.set_option(asio::ip::tcp::no_delay(true));
        SSL_CTX_load_verify_file(tls_.get(), server.ca_file().c_str());
        ssl_.reset(SSL_new(tls_.get()));
        SSL_set_fd(ssl_.get(), socket_.native_handle());
        if (SSL_connect(ssl_.get()) != 1) throw std::runtime_error("handshake");
        request_ =
            "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + server.token() + "\r\n\r\n";
    }

    void fetch()
    {
        SSL_write(ssl_.get(), request_.data(), static_cast<int>(request_.size()));
        std::size_t got = 0;
        std::size_t whole = sizeof buffer_;
        while (got < whole) {
            const int more = SSL_read(ssl_.get(), buffer_ + got, static_cast<int>(sizeof buffer_ - got));
            if (more <= 0) throw std::runtime_error("read");
            got += static_cast<std::size_t>(more);
            const std::string_view seen(buffer_, got);
            const auto end = seen.find("\r\n\r\n");
            const auto length = (std::min)(seen.find("\r\nContent-Length: "), seen.find("\r\ncontent-length: "));
            if (end != std::string_view::npos && length < end)
                whole = end + 4 + static_cast<std::size_t>(std::atoi(buffer_ + length + 18));
        }
    }

private:
    asio::io_context context_;
    asio::ip::tcp::socket socket_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls_;
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
    std::string request_;
    char buffer_[64 * 1024];
};

asio::awaitable<void> fetch_in_turn(doks::client client, std::string id, std::size_t times)
{
    for (std::size_t i = 0; i < times; ++i) co_await client.kubeconfig(id);
}

void run_sdk(asio::io_context& context, const doks::client& client, const std::string& id, std::size_t requests,
    std::size_t lanes)
{
    for (std::size_t i = 0; i < lanes; ++i)
        asio::co_spawn(context, fetch_in_turn(client, id, requests / lanes), [](const std::exception_ptr& thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
    context.restart();
    context.run();
}

double median(std::vector<double> of)
{
    std::sort(of.begin(), of.end());
    return of[of.size() / 2];
}

}

void* operator new(std::size_t size)
{
    ++allocations;
    if (void* const made = std::malloc(size)) return made;
    throw std::bad_alloc();
}
void operator delete(void* gone) noexcept { std::free(gone); }
void operator delete(void* gone, std::size_t) noexcept { std::free(gone); }

int main(int argc, char** argv)
{
    const std::size_t requests = argc > 1 ? static_cast<std::size_t>(std::atol(argv[1])) : 8000;
    doks::sim::options options;
    options.clusters = 1;
    options.limit.enabled = false;
    doks::sim::simulator server(options);
    const auto id = server.cluster_ids().front();

    asio::io_context context(1);
    doks::client_config config;
    config.api_url = server.url();
    config.tls.ca_file = server.ca_file();
    config.token = doks::token(server.token());
    config.rate_limit.clear();
    const doks::client client(context.get_executor(), config);
    blocking_client floor(server, "/v2/kubernetes/clusters/" + id + "/kubeconfig?type=token");

    for (const std::size_t lanes : {std::size_t(1), std::size_t(16)}) {
        run_sdk(context, client, id, 4 * lanes, lanes);
        std::vector<double> ratios, sdk_cpu, floor_cpu, sdk_allocations;
        for (int round = 0; round < 5; ++round) {
            const cost bare = cost_of(requests, [&] {
                for (std::size_t i = 0; i < requests; ++i) floor.fetch();
            });
            const cost ours = cost_of(requests, [&] { run_sdk(context, client, id, requests, lanes); });
            ratios.push_back(ours.microseconds / bare.microseconds);
            sdk_cpu.push_back(ours.microseconds);
            floor_cpu.push_back(bare.microseconds);
            sdk_allocations.push_back(ours.allocations);
        }
        std::printf("{\"connections\":%zu,\"cpu_vs_floor\":%.2f,\"sdk_us\":%.1f,\"floor_us\":%.1f,\"allocations_per_"
                    "request\":%.1f}\n",
            lanes, median(ratios), median(sdk_cpu), median(floor_cpu), median(sdk_allocations));
    }
    return 0;
}
