#include "net/call_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <deque>

// Calls and bulks that wait for quota, against a scripted server in virtual time.

using namespace std::chrono_literals;
using namespace doks;
using namespace doks::test;

namespace {

/// The server's rule, written down naively: a sliding log of arrivals for each window.
struct naive_limits
{
    bool admits(core::instant now)
    {
        while (!log.empty() && log.front() <= now - 1h) log.pop_front();
        std::size_t in_minute = 0;
        for (auto at = log.rbegin(); at != log.rend() && *at > now - 1min; ++at) ++in_minute;
        if (in_minute >= 250 || log.size() >= 5000) return false;
        log.push_back(now);
        return true;
    }
    std::deque<core::instant> log;
};

std::vector<std::string> many_ids(std::size_t count)
{
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < count; ++i) {
        auto digits = std::to_string(100000000000 + i);
        ids.push_back("00000000-0000-4000-8000-" + digits);
    }
    return ids;
}

/// Reads a bulk to its end.
struct reader
{
    void start()
    {
        stream.next([this](std::exception_ptr failed, std::optional<bulk_item> item) { took(failed, item); });
    }
    void took(const std::exception_ptr& failed, std::optional<bulk_item>& item)
    {
        REQUIRE(!failed);
        if (!item) {
            over = true;
            return;
        }
        (item->outcome ? good : bad) += 1;
        start();
    }
    bulk stream;
    std::size_t good = 0;
    std::size_t bad = 0;
    bool over = false;
};

}

TEST_CASE("more clusters than the hourly quota take an hour of virtual time and lose nothing")
{
    naive_limits limits;
    std::size_t refused = 0;
    std::shared_ptr<manual_clock> time;
    virtual_world world([&](const seen_request& seen) {
        if (!limits.admits(time->steady_now())) {
            ++refused;
            return scripted_answer{http_answer(429, "{}", "Retry-After: 30\r\n")};
        }
        return scripted_answer{http_answer(200, kubeconfig_text(id_in(seen.target()))), 40ms};
    });
    time = world.time;
    auto config = world.config();
    config.connections = 8;
    const auto client = world.client(config);
    const auto began = std::chrono::steady_clock::now();
    const auto start = time->steady_now();

    reader all{client.kubeconfigs(many_ids(5200), {.reserved_slots = 0})};
    all.start();
    world.run([&] { return all.over; });

    const auto virtual_time = time->steady_now() - start;
    MESSAGE("virtual: " << std::chrono::duration<double>(virtual_time).count() << " s, real: "
                        << std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count()
                        << " s, refusals: " << refused);
    CHECK(all.good == 5200);
    CHECK(all.bad == 0);
    CHECK(refused == 0);
    CHECK(virtual_time >= 1h);
    CHECK(virtual_time <= 1h * 1.03);
}

TEST_CASE("a 429 closes the gate for everybody; one probe opens it again")
{
    std::vector<core::instant> arrivals;
    std::shared_ptr<manual_clock> time;
    core::instant closed_until{};
    virtual_world world([&](const seen_request& seen) {
        const auto now = time->steady_now();
        arrivals.push_back(now);
        if (arrivals.size() == 20) closed_until = now + 30s;
        if (now < closed_until) return scripted_answer{http_answer(429, "{}", "Retry-After: 30\r\n"), 10ms};
        return scripted_answer{http_answer(200, kubeconfig_text(id_in(seen.target()))), 10ms};
    });
    time = world.time;
    auto config = world.config();
    config.connections = 8;
    config.rate_limit.clear();
    const auto client = world.client(config);
    reader all{client.kubeconfigs(many_ids(100), {.reserved_slots = 0})};
    all.start();
    world.run([&] { return all.over; });

    CHECK(all.good == 100);
    const auto within_closure = [&](core::instant at) { return at > closed_until - 30s + 10ms && at < closed_until; };
    CHECK(std::none_of(arrivals.begin(), arrivals.end(), within_closure));
    const auto after = std::lower_bound(arrivals.begin(), arrivals.end(), closed_until);
    REQUIRE(arrivals.end() - after > 1);
    CHECK(after[1] - after[0] >= 10ms);
}

TEST_CASE("a single call that cannot have quota before its deadline fails at once and says when it could")
{
    virtual_world world(own_kubeconfig);
    auto config = world.config();
    config.rate_limit = {{1, 1min}};
    const auto client = world.client(config);
    one_call first, second, patient;
    first.start(client);
    world.run([&] { return first.done(); });
    REQUIRE(first.outcome->has_value());
    const auto start = world.time->steady_now();
    second.start(client, an_id, {.timeout = 5s});
    world.run([&] { return second.done(); });
    CHECK(world.time->steady_now() == start);
    CHECK(second.why() == condition::throttled);
    CHECK(second.why().phase() == "quota");
    CHECK(second.why().retry_after() == 60s);
    patient.start(client, an_id, {.timeout = 2min});
    world.run([&] { return patient.done(); });
    CHECK(patient.outcome->has_value());
    CHECK(world.time->steady_now() - start == 1min);
}

TEST_CASE("a gateway's idea of the quota is ignored, however often it says it, whatever its status")
{
    for (const unsigned status : {502U, 403U, 404U, 200U}) {
        CAPTURE(status);
        unsigned answered = 0;
        virtual_world world([&](const seen_request& seen) {
            if (++answered <= 4)
                return scripted_answer{http_answer(status, "<html>no</html>",
                    "ratelimit-limit: 1\r\nratelimit-remaining: 0\r\nratelimit-reset: 4102444800\r\n")};
            return scripted_answer{http_answer(200, kubeconfig_text(id_in(seen.target())))};
        });
        const auto client = world.client(world.config());
        const auto start = world.time->steady_now();
        reader some{client.kubeconfigs(many_ids(5))};
        some.start();
        world.run([&] { return some.over; });
        const auto last = fetch(world, client, an_id, {.timeout = 1s});
        CHECK(last.outcome->has_value());
        CHECK(world.time->steady_now() - start < 1min);
        CHECK(client.rate_limit().windows.back().limit == digitalocean_limits().back());
    }
}

TEST_CASE("a bulk that is alone leaves nothing of a small limit, unless it is told to")
{
    virtual_world world(own_kubeconfig);
    auto config = world.config();
    config.rate_limit = {{20, 1min}};
    const auto client = world.client(config);
    reader all{client.kubeconfigs(many_ids(40))};
    all.start();
    world.run_for(1s);
    CHECK(world.network->requests().size() == 20);
    world.run([&] { return all.over; });
    CHECK(all.good == 40);
}

TEST_CASE("a bulk leaves slots for single calls")
{
    virtual_world world(own_kubeconfig);
    auto config = world.config();
    config.rate_limit = {{20, 1min}};
    const auto client = world.client(config);
    reader all{client.kubeconfigs(many_ids(40), {.reserved_slots = 5})};
    all.start();
    world.run_for(1s);
    CHECK(world.network->requests().size() == 15);
    for (int i = 0; i < 5; ++i) {
        const auto call = fetch(world, client, an_id, {.timeout = 800ms});
        CHECK(call.outcome->has_value());
    }
    world.run([&] { return all.over; });
    CHECK(all.good == 40);
}

TEST_CASE("an item's deadline does not run while it waits for quota")
{
    virtual_world world(own_kubeconfig);
    auto config = world.config();
    config.rate_limit = {{1, 5min}};
    const auto client = world.client(config);
    reader all{client.kubeconfigs(many_ids(5), {.timeout = 10s, .reserved_slots = 0})};
    all.start();
    world.run([&] { return all.over; });
    CHECK(all.good == 5);
}
