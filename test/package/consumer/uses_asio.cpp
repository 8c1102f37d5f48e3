// A program that uses Asio as its documentation allows, with doks in it: signals, timers, names, TLS, threads, error categories.
#include <doks/doks.hpp>
#include <doks/sim/simulator.hpp>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>

#include <chrono>
#include <csignal>
#include <iostream>
#include <stdexcept>
#include <string>

namespace asio = boost::asio;
using asio::use_awaitable;
using namespace std::chrono_literals;

namespace {

void require(bool holds, const char* what)
{
    if (!holds) throw std::runtime_error(std::string("not seen: ") + what);
}

doks::client_config config_of(const doks::sim::simulator& api)
{
    return {.api_url = api.url(), .token = doks::token(api.token()), .tls = {.ca_file = api.ca_file()}};
}

asio::awaitable<void> a_signal_arrives(doks::client client, std::string id)
{
    asio::signal_set signals(co_await asio::this_coro::executor, SIGTERM, SIGHUP);
    auto config = co_await client.kubeconfig(id);
    std::raise(SIGTERM);
    const int number = co_await signals.async_wait(use_awaitable);
    require(number == SIGTERM, "SIGTERM");
    require(!config.bytes().empty(), "a kubeconfig");
}

asio::awaitable<void> a_handshake_ends(const doks::sim::simulator& api)
{
    const auto url = api.url();
    const auto port = static_cast<unsigned short>(std::stoi(url.substr(url.rfind(':') + 1)));
    asio::ssl::context tls(asio::ssl::context::tls_client);
    tls.load_verify_file(api.ca_file());
    asio::ssl::stream<asio::ip::tcp::socket> stream(co_await asio::this_coro::executor, tls);
    stream.set_verify_mode(asio::ssl::verify_peer);
    const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), port);
    co_await stream.next_layer().async_connect(server, use_awaitable);
    co_await stream.async_handshake(asio::ssl::stream_base::client, use_awaitable);
    boost::system::error_code error;
    char byte;
    asio::steady_timer stop(co_await asio::this_coro::executor, 20ms);
    stop.async_wait([&](boost::system::error_code) { stream.next_layer().cancel(); });
    co_await stream.async_read_some(asio::buffer(&byte, 1), asio::redirect_error(use_awaitable, error));
    require(error == asio::error::operation_aborted, "a read that was cancelled");
}

asio::awaitable<int> fail(int& calls)
{
    ++calls;
    throw boost::system::system_error(asio::error::host_not_found_try_again);
    co_return 0;
}

/// The archive knows the program's categories: it retries what Asio calls temporary.
asio::awaitable<void> categories_are_the_same()
{
    int calls = 0;
    const auto failing = [&calls] { return fail(calls); };
    const auto patient = doks::retry(doks::attempts(3), doks::constant_backoff(1ms));
    boost::system::error_code error;
    try {
        co_await patient(failing);
    } catch (const boost::system::system_error& thrown) {
        error = thrown.code();
    }
    require(error == asio::error::host_not_found_try_again, "the error that was thrown");
    require(calls == 3, "three attempts");

    asio::ip::tcp::resolver resolver(co_await asio::this_coro::executor);
    co_await resolver.async_resolve("name.invalid", "443", asio::redirect_error(use_awaitable, error));
    require(error.category() == asio::error::get_netdb_category(), "an error of the resolver");
    auto found = co_await resolver.async_resolve("127.0.0.1", "443", use_awaitable);
    require(found.begin()->endpoint().address().is_loopback(), "an address");
}

asio::awaitable<void> everything(doks::client client, const doks::sim::simulator& api)
{
    co_await a_signal_arrives(client, api.cluster_ids().front());
    co_await a_handshake_ends(api);
    co_await categories_are_the_same();
}

void cancelled_call_says_so(asio::io_context& context, const doks::client& client, const std::string& id)
{
    asio::cancellation_signal signal;
    boost::system::error_code error;
    const auto done = [&](doks::result<doks::kubeconfig> outcome) {
        if (!outcome) error = outcome.error().code();
    };
    client.try_kubeconfig(id, {}, asio::bind_cancellation_slot(signal.slot(), done));
    signal.emit(asio::cancellation_type::terminal);
    context.restart();
    context.run();
    require(error == asio::error::operation_aborted, "a call that was cancelled");
}

}

int main()
try {
    doks::sim::simulator api;
    asio::io_context context;
    const doks::client client(context.get_executor(), config_of(api));
    auto done = asio::co_spawn(context, everything(client, api), asio::use_future);
    context.run();
    done.get();
    cancelled_call_says_so(context, client, api.cluster_ids().front());

    asio::thread_pool pool(2);
    const doks::client threaded(pool.get_executor(), config_of(api));
    require(!threaded.kubeconfig(api.cluster_ids().back(), {}, asio::use_future).get().bytes().empty(), "threads");
    pool.join();
    std::cout << "all seen\n";
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
