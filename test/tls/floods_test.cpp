#include "tls/caller.hpp"
#include "tls/matrix.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include <sys/resource.h>

// What a server may not make the client do: early data, another handshake, work without end.

namespace doks::test {

namespace {

using std::chrono::steady_clock;

double cpu_seconds_of_this_thread()
{
    rusage used{};
    ::getrusage(RUSAGE_THREAD, &used);
    const auto seconds = [](const timeval& of) { return double(of.tv_sec) + double(of.tv_usec) / 1e6; };
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// Enough to see that they are served, too few to count in the CPU time.
constexpr unsigned most_others = 100;

/// How a call ended that met a flood, and what that cost.
struct flood_result
{
    std::size_t records = 0;
    double cpu = 0;
    unsigned served = 0; ///< calls of others on the same thread, meanwhile
    steady_clock::duration slowest{};
    std::optional<result<kubeconfig>> outcome;
};

/// One call to the flooding server, and calls to another one by the same thread until it has ended.
flood_result meet(tls_server& flooding)
{
    const tls_server good({usual_chain()});
    boost::asio::io_context context;
    const client victim(context.get_executor(), trusting(usual_root().pem(), flooding.url()));
    const client other(context.get_executor(), trusting(usual_root().pem(), good.url()));
    flood_result all;
    victim.try_kubeconfig(some_id, {}, [&](result<kubeconfig> got) { all.outcome.emplace(std::move(got)); });
    std::function<void()> next = [&] {
        const auto begin = steady_clock::now();
        other.try_kubeconfig(some_id, {}, [&, begin](result<kubeconfig> got) {
            CHECK(got.has_value());
            all.slowest = (std::max)(all.slowest, steady_clock::now() - begin);
            ++all.served;
            if (!all.outcome && all.served < most_others) next();
        });
    };
    next();
    const auto begin = cpu_seconds_of_this_thread();
    context.run_for(90s);
    all.cpu = cpu_seconds_of_this_thread() - begin;
    return all;
}

void show(const char* what, const flood_result& all)
{
    MESSAGE(std::string(what) << ": " << all.records << " records taken before the connection was given up, CPU "
                              << (all.records ? all.cpu / double(all.records) * 1e5 : all.cpu) << " s for 100,000, "
                              << all.served << " calls of others served meanwhile, the slowest in "
                              << std::chrono::duration<double, std::milli>(all.slowest).count() << " ms");
}

void count_hellos(int sent, int, int type, const void* bytes, std::size_t size, SSL*, void* counter)
{
    const bool hello = sent == 0 && type == SSL3_RT_HANDSHAKE && size != 0 &&
                       *static_cast<const unsigned char*>(bytes) == SSL3_MT_CLIENT_HELLO;
    if (hello) ++*static_cast<std::atomic<int>*>(counter);
}

bool send_key_update(tls_link& link, int kind)
{
    return SSL_key_update(link.ssl(), kind) == 1 && SSL_do_handshake(link.ssl()) == 1;
}

/// A server that answers a request with one record after the other until the client closes.
flood_result flood_with(int version, const std::function<bool(tls_link&)>& one_record, const char* begin = "")
{
    std::atomic<std::size_t> sent{0};
    auto how = speaking(version);
    how.serve = [&](tls_link& link) {
        if (link.read_request().empty()) return;
        if (*begin) link.write(begin);
        while (one_record(link)) {
            ++sent;
            if (sent % 64 == 0 && !link.flush()) break;
        }
    };
    tls_server server(how);
    auto all = meet(server);
    server.close_all();
    all.records = sent;
    REQUIRE(all.outcome);
    return all;
}

}

TEST_CASE("early data is never sent, even where the server offers it with every ticket")
{
    auto how = speaking(TLS1_3_VERSION);
    how.early_data = 16384;
    tls_server server(how);
    caller one(trusting(usual_root().pem(), server.url()));
    unsigned resumed = 0, early = 0;
    for (int i = 0; i < 20; ++i) {
        REQUIRE(one.call().has_value());
        server.close_all();
    }
    for (const auto& each : server.seen()) {
        resumed += each.resumed ? 1 : 0;
        early += each.early_data ? 1 : 0;
    }
    CHECK(resumed == 19);
    CHECK(early == 0);
    MESSAGE("20 connections to a server that offers early data: " << resumed << " resumed, early data in " << early);
}

TEST_CASE("a server that asks for another handshake does not get one")
{
    std::atomic<int> hellos{0};
    auto how = speaking(TLS1_2_VERSION);
    how.prepare = [&](SSL_CTX* context) {
        SSL_CTX_set_msg_callback(context, &count_hellos);
        SSL_CTX_set_msg_callback_arg(context, &hellos);
    };
    how.serve = [](tls_link& link) {
        if (link.read_request().empty()) return;
        SSL_renegotiate(link.ssl());
        SSL_do_handshake(link.ssl());
        if (link.flush() && link.receive()) SSL_do_handshake(link.ssl());
        link.flush();
    };
    tls_server server(how);
    auto config = trusting(usual_root().pem(), server.url());
    config.attempts = 1;
    config.timeouts.first_byte = 300ms;
    caller one(config);
    const auto got = one.call();
    one.close();
    server.close_all();
    CHECK(!got);
    CHECK(hellos == 1);
    CHECK(server.seen().size() == 1);
}

TEST_CASE("a flood of key updates is given up after a bounded amount of work, and others are served meanwhile")
{
    for (const int kind : {SSL_KEY_UPDATE_NOT_REQUESTED, SSL_KEY_UPDATE_REQUESTED}) {
        const auto all = flood_with(TLS1_3_VERSION, [kind](tls_link& link) { return send_key_update(link, kind); });
        CHECK(!*all.outcome);
        CHECK(all.served > 3);
        CHECK(all.slowest < 1s);
        show(kind == SSL_KEY_UPDATE_REQUESTED ? "key updates that want one back" : "key updates", all);
    }
}

TEST_CASE("a flood of records with one byte each is given up after a bounded amount of work")
{
    const char* const endless = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const auto all = flood_with(
            version, [](tls_link& link) { return SSL_write(link.ssl(), "x", 1) == 1; }, endless);
        CHECK(!*all.outcome);
        CHECK(all.served > 3);
        CHECK(all.slowest < 1s);
        show(version == TLS1_2_VERSION ? "one-byte records, TLS 1.2" : "one-byte records, TLS 1.3", all);
    }
}

TEST_CASE("a flood of requests for another handshake is given up after a bounded amount of work")
{
    const auto all = flood_with(TLS1_2_VERSION, [](tls_link& link) {
        SSL_renegotiate(link.ssl());
        SSL_do_handshake(link.ssl());
        return link.flush() && link.receive();
    });
    CHECK(!*all.outcome);
    CHECK(all.slowest < 1s);
    show("hello requests", all);
}

}
