// What the layers around one warm exchange cost in heap allocations and coroutine frames: counted, not timed.
//
//   bench_call_cost [calls]
//
// A bare exchange is one request on an open connection, without pool, gate, deadline, retry or handler. As a call does, it
// needs a request made for one id; what it costs without that stands beside it. Allocations are those of all threads:
// C++'s own and Asio's, which go past operator new; OpenSSL's are counted apart. The simulator
// runs in a process of its own. The frames are those made in this file, where the library's templates are
// instantiated; its compiled call path holds no coroutine.

#include "net/pool/connection.hpp"

#include <doks/client.hpp>
#include <doks/sim/simulator.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <openssl/crypto.h>

#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <new>
#include <sstream>
#include <stdexcept>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

struct counters
{
    std::atomic<std::size_t> allocations{0};
    std::atomic<std::size_t> frames{0};
    std::atomic<std::size_t> openssl{0};
};
counters seen;

void* count_for_openssl(std::size_t size, const char*, int)
{
    ++seen.openssl;
    return std::malloc(size);
}
void* grow_for_openssl(void* old, std::size_t size, const char*, int)
{
    ++seen.openssl;
    return std::realloc(old, size);
}
void free_for_openssl(void* gone, const char*, int) { std::free(gone); }

}

void* operator new(std::size_t size)
{
    ++seen.allocations;
    if (void* const made = std::malloc(size)) return made;
    throw std::bad_alloc();
}
void operator delete(void* gone) noexcept { std::free(gone); }
void operator delete(void* gone, std::size_t) noexcept { std::free(gone); }

/// What Asio allocates its operations and frames with.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size)
{
    ++seen.allocations;
    void* made = nullptr;
    return ::posix_memalign(&made, alignment, size) == 0 ? made : nullptr;
}

/// Frames are recycled, so that counting allocations misses most of them.
template <> void* asio::detail::awaitable_frame_base<asio::any_io_executor>::operator new(std::size_t size)
{
    ++seen.frames;
    return thread_info_base::allocate(
        thread_info_base::awaitable_frame_tag(), thread_context::top_of_thread_call_stack(), size);
}

namespace {

/// Where the simulator is, and what it takes.
struct premises
{
    std::string url, ca_file, token, id;
};

/// The simulator in a child process, for as long as this lives.
class simulator_process
{
public:
    simulator_process()
    {
        int up[2], down[2];
        if (::pipe(up) != 0 || ::pipe(down) != 0) throw std::runtime_error("pipe");
        child_ = ::fork();
        if (child_ == 0) {
            ::close(down[1]);
            serve(down[0], up[1]);
        }
        ::close(down[0]);
        ::close(up[1]);
        keep_open_ = down[1];
        std::string text(4096, '\0');
        text.resize(static_cast<std::size_t>((std::max)(ssize_t(0), ::read(up[0], text.data(), text.size()))));
        ::close(up[0]);
        std::istringstream lines(text);
        lines >> where.url >> where.ca_file >> where.token >> where.id;
    }
    ~simulator_process()
    {
        ::close(keep_open_);
        ::waitpid(child_, nullptr, 0);
    }
    simulator_process(const simulator_process&) = delete;
    simulator_process& operator=(const simulator_process&) = delete;

    premises where;

private:
    [[noreturn]] static void serve(int until_closed, int to)
    {
        doks::sim::options options;
        options.clusters = 1;
        options.limit.enabled = false;
        {
            const doks::sim::simulator server(options);
            const auto text = server.url() + '\n' + server.ca_file() + '\n' + server.token() + '\n' +
                              server.cluster_ids().front() + '\n';
            char end = 0;
            if (::write(to, text.data(), text.size()) > 0) static_cast<void>(::read(until_closed, &end, 1) > 0);
        }
        std::_Exit(0);
    }

    pid_t child_ = 0;
    int keep_open_ = -1;
};

/// One request after the other on one connection of the library's.
class bare_exchanges final : public doks::net::connection::owner, public std::enable_shared_from_this<bare_exchanges>
{
public:
    bare_exchanges(asio::io_context& on, const premises& where)
        : strand_(doks::async::inner_executor(asio::any_io_executor(on.get_executor())))
    {
        const auto port = where.url.substr(where.url.rfind(':') + 1);
        const std::string head = "Host: 127.0.0.1:" + port + "\r\nAccept-Encoding: identity\r\nAuthorization: Bearer " +
                                 where.token + "\r\n\r\n";
        auto asked = std::make_shared<doks::net::request>();
        asked->root = std::make_shared<const std::string>("/v2/kubernetes/clusters");
        asked->subject = where.id;
        asked->rest = "/kubeconfig?type=token";
        head_ = std::make_shared<const doks::secret_bytes>(head.begin(), head.end());
        asked->body_limit = 1 << 20;
        job_ = std::move(asked);
        doks::tls_settings roots;
        roots.ca_file = where.ca_file;
        auto setup = std::make_shared<doks::net::connection_setup>(
            doks::net::connection_setup{.where = {"127.0.0.1", static_cast<std::uint16_t>(std::stoi(port))},
                .tls = std::make_shared<doks::net::tls_context>(roots),
                .time = doks::async::system_clock(),
                .network = doks::net::tcp_dialer(doks::async::system_clock()),
                .limits = {10s, 10s, 10s, 10s, 10s},
                .owner_strand = strand_});
        line_ = std::make_shared<doks::net::connection>(1, on.get_executor(), std::move(setup));
    }
    void run(std::size_t times, bool one_for_all)
    {
        one_for_all_ = one_for_all;
        left_ = times;
        opened_ ? next() : line_->open(shared_from_this());
    }

private:
    void opened(doks::net::connection& which) override
    {
        if (which.result().outcome.cause) throw boost::system::system_error(which.result().outcome.cause);
        opened_ = true;
        next();
    }
    void answered(doks::net::connection& which) override
    {
        const auto report = std::move(which.result());
        if (report.outcome.cause) throw boost::system::system_error(report.outcome.cause, report.detail);
        next();
    }
    void next()
    {
        if (left_-- == 0) return;
        line_->run(one_for_all_ ? job_ : std::make_shared<const doks::net::request>(*job_), head_, shared_from_this());
    }

    doks::async::executor strand_;
    std::shared_ptr<const doks::net::request> job_;
    std::shared_ptr<const doks::secret_bytes> head_;
    std::shared_ptr<doks::net::connection> line_;
    std::size_t left_ = 0;
    bool one_for_all_ = true;
    bool opened_ = false;
};

asio::awaitable<void> await_calls(const doks::client& with, const std::string& id, std::size_t times)
{
    for (std::size_t i = 0; i < times; ++i) co_await with.kubeconfig(id);
}

void call_back(const doks::client& with, const std::string& id, std::size_t times)
{
    if (times == 0) return;
    with.try_kubeconfig(id, {}, [&with, &id, times](const doks::result<doks::kubeconfig>& got) {
        got.value();
        call_back(with, id, times - 1);
    });
}

/// Runs it warm, and prints what one of many costs.
void report(asio::io_context& context, const char* name, std::size_t times, const std::function<void(std::size_t)>& run)
{
    const auto all_of = [&](std::size_t count) {
        run(count);
        context.restart();
        context.run();
    };
    all_of(100);
    const std::size_t allocations = seen.allocations, frames = seen.frames, openssl = seen.openssl;
    all_of(times);
    const auto each = [&](std::size_t now, std::size_t before) {
        return static_cast<double>(now - before) / static_cast<double>(times);
    };
    std::printf("{\"call\":\"%s\",\"allocations\":%.2f,\"coroutine_frames\":%.2f,\"openssl_allocations\":%.2f}\n", name,
        each(seen.allocations, allocations), each(seen.frames, frames), each(seen.openssl, openssl));
}

}

int main(int argc, char** argv)
{
    const std::size_t times = argc > 1 ? static_cast<std::size_t>(std::atol(argv[1])) : 5000;
    const simulator_process server;
    CRYPTO_set_mem_functions(&count_for_openssl, &grow_for_openssl, &free_for_openssl);
    asio::io_context context(1);
    doks::client_config config;
    config.api_url = server.where.url;
    config.tls.ca_file = server.where.ca_file;
    config.token = doks::token(server.where.token);
    const auto limited = [&](std::vector<doks::rate_window> windows) {
        config.rate_limit = std::move(windows);
        return doks::client(context.get_executor(), config);
    };
    const auto client = limited({});
    const auto gated = limited({{1'000'000, 1min}});
    const auto no_retry = client.with(doks::attempt_timeout(15s));
    const auto& id = server.where.id;

    const auto bare = std::make_shared<bare_exchanges>(context, server.where);
    report(context, "bare exchange, one request for all", times, [&](std::size_t count) { bare->run(count, true); });
    report(context, "bare exchange, a request for each", times, [&](std::size_t count) { bare->run(count, false); });
    for (const auto& [name, with] : {std::pair("no retry, ", &no_retry), std::pair("default stack, ", &client),
             std::pair("default stack behind a gate, ", &gated)}) {
        report(context, (name + std::string("callback")).c_str(), times,
            [&, of = with](std::size_t count) { call_back(*of, id, count); });
        report(context, (name + std::string("co_await")).c_str(), times, [&, of = with](std::size_t count) {
            asio::co_spawn(context, await_calls(*of, id, count), asio::detached);
        });
    }
    return 0;
}
