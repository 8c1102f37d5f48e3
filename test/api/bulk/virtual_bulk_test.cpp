#include "support/virtual_world.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

// Bulks against a scripted server in virtual time: waits and deadlines of their items, to the second.

using namespace std::chrono_literals;

namespace doks::test {

namespace {

/// Reads a bulk to its end; how many of its items came.
struct outcome_count
{
    outcome_count(virtual_world& world, bulk from)
        : all(std::move(from))
    {
        read();
        world.run([&] { return over; });
    }
    void read()
    {
        all.next([this](std::exception_ptr, std::optional<bulk_item> item) {
            if (!item) return void(over = true);
            good += item->outcome.has_value();
            attempts += item->outcome ? item->outcome->info().attempts : item->outcome.error().info().attempts;
            read();
        });
    }

    bulk all;
    std::size_t good = 0;
    unsigned attempts = 0;
    bool over = false;
};

}

TEST_CASE("a bulk's item waits where a 429 asks for more than an hour")
{
    unsigned seen_so_far = 0;
    virtual_world world([&](const seen_request& seen) {
        if (++seen_so_far == 2) return scripted_answer{http_answer(429, "{}", "Retry-After: 3601\r\n")};
        return scripted_answer{http_answer(200, kubeconfig_text(id_in(seen.target())))};
    });
    const auto client = world.client(world.config());
    const auto began = world.time->steady_now();
    const std::vector<std::string> ids{"11111111-2222-4333-8444-555555555501", "11111111-2222-4333-8444-555555555502"};
    const outcome_count read(world, client.kubeconfigs(ids, {.in_flight = 1, .timeout = 5s}));
    CHECK(read.good == 2);
    CHECK(read.attempts == 2);
    CHECK(world.time->steady_now() - began >= 1h);
}

TEST_CASE("what something in between garbled is tried again in a bulk, three times at most")
{
    std::map<std::string, unsigned> sent;
    virtual_world world([&](const seen_request& seen) {
        const auto id = id_in(seen.target());
        const unsigned before = sent[id]++;
        const bool passes = id.back() != '4';
        if (before < 2 || !passes) switch (id.back()) {
            case '1':
                return scripted_answer{"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n"};
            case '2':
            case '4':
                return scripted_answer{http_answer(200, "<html>please log in</html>")};
            default:
                return scripted_answer{"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n" + kubeconfig_text(id)};
            }
        return scripted_answer{http_answer(200, kubeconfig_text(id))};
    });
    const auto client = world.client(world.config());
    std::vector<std::string> ids;
    for (const char* end : {"1", "2", "3", "4"})
        ids.push_back(std::string("11111111-2222-4333-8444-55555555550") + end);
    const outcome_count read(world, client.kubeconfigs(ids));
    CHECK(read.good == 3);
    for (const auto& each : sent) CHECK(each.second == 3);
    CHECK(read.attempts == 12);
}

TEST_CASE("a bulk's items have their deadline while they are sent, and none while a 429 keeps the gate shut")
{
    unsigned seen_so_far = 0;
    virtual_world world([&](const seen_request& seen) {
        const bool refused = ++seen_so_far > 3 && seen_so_far <= 6; // as many as are under way by then
        if (refused) return scripted_answer{http_answer(429, "{}", "Retry-After: 1800\r\n")};
        return scripted_answer{http_answer(200, kubeconfig_text(id_in(seen.target())))};
    });
    const auto client = world.client(world.config());
    std::vector<std::string> ids;
    for (int i = 0; i < 20; ++i) ids.push_back("11111111-2222-4333-8444-5555555555" + std::to_string(10 + i));
    const auto began = world.time->steady_now();
    const outcome_count read(world, client.kubeconfigs(ids, {.in_flight = 4, .timeout = 5s}));
    CHECK(read.good == 20);
    CHECK(world.time->steady_now() - began >= 30min);
    CHECK(world.time->steady_now() - began <= 35min);
}

TEST_CASE("a page that takes long to read does not keep its call beyond the deadline")
{
    std::string page = R"({"kubernetes_clusters":[)";
    for (int i = 0; i < 10'000; ++i) page += (i == 0 ? "" : ",") + (R"({"id":"id)" + std::to_string(i)) + R"("})";
    page += R"(],"meta":{"total":10000}})";
    std::shared_ptr<manual_clock> time;
    virtual_world world([&](const seen_request&) {
        time->tick(1ms);
        return scripted_answer{http_answer(200, page)};
    });
    time = world.time;
    const auto client = world.client(world.config());
    const auto began = time->steady_now();
    std::optional<result<std::vector<cluster>>> got;
    client.try_clusters({.timeout = 2s}, [&](result<std::vector<cluster>> outcome) { got = std::move(outcome); });
    world.run([&] { return got.has_value(); });
    REQUIRE(got);
    REQUIRE_FALSE(got->has_value());
    CHECK(got->error() == condition::timeout);
    CHECK(got->error().phase() == "response");
    CHECK(got->error().why_stopped() == stop_reason::deadline);
    CHECK(time->steady_now() - began < 3s);
}

}
