#include "network/fault_loop.hpp"

// A client against the real nginx, which is reloaded meanwhile.

using namespace doks;
using namespace doks::test;

TEST_CASE("nginx that closes what idles, limits a connection's requests, answers in chunks and reloads is never felt")
{
    if (!nginx::is_installed()) {
        MESSAGE("skipped: there is no nginx here");
        return;
    }
    nginx server(fickle());
    REQUIRE(server.answer().find("Transfer-Encoding: chunked\r\n") != std::string::npos);

    boost::asio::io_context context;
    const client client(context.get_executor(), server.config());
    load calls(client, 64);
    run_fault_loop(calls, context, server, sized(10'000, 100'000));
    const auto seen = client.connections();
    MESSAGE(calls.text(), "; ", seen.opened, " connections opened, ", seen.failed, " could not be; ", server.reloads(),
        " reloads");
    check_that_nothing_was_felt(calls);
    CHECK(server.reloads() == 10);
}
