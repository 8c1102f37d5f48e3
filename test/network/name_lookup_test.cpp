#include "net/dial/name_lookup.hpp"
#include "network/servers/resolver.hpp"

#include <doks/client.hpp>

#include <boost/asio/io_context.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

// Name lookups that are slow or never answered, by a getaddrinfo that the test scripts.

namespace asio = boost::asio;
using namespace std::chrono_literals;
using doks::net::found_addresses;
using doks::net::name_lookup;
using std::chrono::steady_clock;
namespace resolver = doks::test::resolver;

namespace {

doks::async::executor strand_of(asio::io_context& context)
{
    return doks::async::executor(doks::async::inner_executor(asio::any_io_executor(context.get_executor())));
}

std::string stuck_name(int number) { return "n" + std::to_string(number) + resolver::stuck; }

template <class Done> bool comes_true(Done done)
{
    for (const auto end = steady_clock::now() + 20s; steady_clock::now() < end; std::this_thread::sleep_for(1ms))
        if (done()) return true;
    return false;
}

}

TEST_CASE("a thousand unanswered lookups take four threads, and a wait for one ends at once")
{
    resolver::most_at_once();
    resolver::take_asked();
    asio::io_context context;
    const auto strand = strand_of(context);
    unsigned called = 0;
    std::vector<std::shared_ptr<name_lookup>> lookups;
    for (int i = 0; i < 1000; ++i)
        lookups.push_back(name_lookup::start(stuck_name(i % 100), strand, [&](const found_addresses&) { ++called; }));
    std::size_t seen = 0;
    CHECK(comes_true([&] { return (seen += resolver::take_asked().size()) == 4; }));
    CHECK(resolver::at_work() == 4);
    CHECK(context.run_for(50ms) == 0);
    const auto start = steady_clock::now();
    for (const auto& each : lookups) each->cancel();
    context.restart();
    context.run(); // nothing is under way any more
    CHECK(steady_clock::now() - start < 1s);
    CHECK(called == 0);
    resolver::release();
    CHECK(comes_true([] { return resolver::at_work() == 0; }));
    CHECK(resolver::most_at_once() == 4);
    CHECK(resolver::take_asked().empty()); // the others were not waited for any more
    CHECK_FALSE(resolver::takes_signals());
}

TEST_CASE("those who wait for one name share a lookup, and each is told on its own strand")
{
    resolver::take_asked();
    asio::io_context context;
    unsigned found = 0;
    std::vector<std::shared_ptr<name_lookup>> lookups;
    for (int i = 0; i < 100; ++i) {
        const auto strand = strand_of(context);
        lookups.push_back(name_lookup::start(stuck_name(101), strand, [&found, strand](const found_addresses& all) {
            found += strand.running_in_this_thread() && all.failed == doks::errc::lookup_unavailable ? 1 : 0;
        }));
    }
    std::vector<std::string> asked;
    CHECK(comes_true([&] { return !(asked = resolver::take_asked()).empty(); }));
    CHECK(asked == std::vector<std::string>{stuck_name(101)});
    resolver::release();
    context.run();
    CHECK(found == 100);
    CHECK(resolver::take_asked().empty());
}

TEST_CASE("a context that is destroyed waits for no lookup, and no handler is called")
{
    bool called = false;
    const auto held = std::make_shared<int>(0);
    const auto start = steady_clock::now();
    std::optional<asio::io_context> context(std::in_place);
    const auto lookup = name_lookup::start(
        stuck_name(102), strand_of(*context), [&called, held](const found_addresses&) { called = true; });
    context.reset();
    CHECK(steady_clock::now() - start < 1s);
    CHECK(held.use_count() == 1);
    resolver::release();
    CHECK_FALSE(called);
}

TEST_CASE("contexts that end while their lookups are answered are told or not, and nothing else")
{
    for (int round = 0; round < 300; ++round) {
        asio::io_context context;
        std::vector<std::shared_ptr<name_lookup>> lookups;
        for (int i = 0; i < 4; ++i)
            lookups.push_back(name_lookup::start("127.0.0." + std::to_string(i + 1), strand_of(context),
                [](const found_addresses& all) { CHECK(all.addresses.size() == 1); }));
        if (round % 3 == 1) lookups[static_cast<std::size_t>(round) % 4]->cancel();
        if (round % 2 == 0) context.run_for(std::chrono::microseconds(round));
    }
}

TEST_CASE("a call whose name is never answered ends within its time, and so does its context")
{
    const auto start = steady_clock::now();
    std::optional<doks::failure> why;
    {
        asio::io_context context;
        doks::client_config settings;
        settings.token = doks::token("dop_v1_" + std::string(64, 'a'));
        settings.api_url = "https://" + stuck_name(103);
        settings.timeouts.call = 300ms;
        doks::client client(context.get_executor(), settings);
        client.try_kubeconfig("00000000-0000-4000-8000-000000000001", {}, [&](doks::result<doks::kubeconfig> got) {
            why.emplace(got.error());
            context.stop(); // the connection is still being made, for calls to come
        });
        context.run();
    }
    const auto took = steady_clock::now() - start;
    CHECK(took >= 300ms);
    CHECK(took < 3s); // and not the 5 s that a connection may take
    REQUIRE(why);
    CHECK(*why == doks::condition::timeout);
    CHECK(why->phase() == "resolve");
    resolver::release();
}
