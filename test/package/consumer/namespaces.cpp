// Fetches a kubeconfig and asks the cluster for its namespaces with what `current()` gives.
#include <doks/doks.hpp>
#include <doks/sim/simulator.hpp>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast.hpp>

#include <iostream>
#include <regex>
#include <stdexcept>

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::use_awaitable;
using asio::ip::tcp;

asio::awaitable<void> list_namespaces(doks::client client, std::string id)
{
    doks::kubeconfig config = co_await client.kubeconfig(id);
    const doks::cluster_access& access = config.current();
    std::smatch url; // 1 host, 2 port, 3 path
    if (!std::regex_match(access.server, url, std::regex("https://([^:/]+):(\\d+)(/.*)?")))
        throw std::runtime_error("server");

    asio::ssl::context tls(asio::ssl::context::tls_client);
    tls.add_certificate_authority(asio::buffer(access.certificate_authority));
    asio::ssl::stream<tcp::socket> stream(co_await asio::this_coro::executor, tls);
    stream.set_verify_mode(asio::ssl::verify_peer);
    stream.set_verify_callback(asio::ssl::host_name_verification(url[1]));
    tcp::endpoint front(asio::ip::make_address(url[1].str()), static_cast<unsigned short>(std::stoi(url[2])));
    co_await stream.next_layer().async_connect(front, use_awaitable);
    co_await stream.async_handshake(asio::ssl::stream_base::client, use_awaitable);

    http::request<http::empty_body> request(http::verb::get, url[3].str() + "/api/v1/namespaces", 11);
    request.set(http::field::host, url[1].str());
    request.set(http::field::authorization, "Bearer " + std::string(access.token.reveal()));
    co_await http::async_write(stream, request, use_awaitable);
    boost::beast::flat_buffer buffer;
    http::response<http::string_body> response;
    co_await http::async_read(stream, buffer, response, use_awaitable);
    std::cout << response.result_int() << ' ' << response.body() << '\n';
}

int main()
try {
    doks::sim::simulator api;
    asio::io_context context;
    doks::client client(context.get_executor(),
        {.api_url = api.url(), .token = doks::token(api.token()), .tls = {.ca_file = api.ca_file()}});
    auto rethrow = [](std::exception_ptr error) {
        if (error) std::rethrow_exception(error);
    };
    asio::co_spawn(context, list_namespaces(client, api.cluster_ids().front()), rethrow);
    context.run();
} catch (const doks::failure& why) {
    std::cerr << to_string(why.condition()) << ": " << why.message() << '\n';
    return 1;
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
