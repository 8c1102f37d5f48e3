#include "api/simulator_fixture.hpp"
#include "support/long_form.hpp"

#include <cstdlib>
#include <memory>
#include <set>

// Bulks against the simulator's limits over real TLS, everything ten times as fast as at DigitalOcean, with latency: a
// client that counts requests when it sends them is refused here.

namespace doks::test {

namespace {

/// With 220 ms to and fro on average a burst of 250 passes 64 connections in 0.9 s, 160 in 0.4: it is part of the makespan.
constexpr std::size_t at_once = 160;

constexpr auto short_window = 6s;
constexpr std::size_t burst = 250;
constexpr auto round_trip = 400ms;

/// The long one only on request: it takes two minutes.
std::size_t ids_of_the_day()
{
    if (slowness > 1) return 500;
    return is_long() ? 5000 : 1000;
}

/// DigitalOcean's limits with short windows.
sim::options scaled_down(std::size_t clusters, bool minute_slides, bool refusals_count)
{
    sim::options how;
    how.clusters = clusters;
    how.limit.minute_window = short_window;
    how.limit.hour_window = 360s;
    how.limit.minute_slides = minute_slides;
    how.limit.refusals_count = refusals_count;
    how.latency = {20ms, 200ms};
    how.seed = minute_slides ? 1 : 2;
    return how;
}

/// What the best client needs: the last burst waits until all before it have left their windows.
std::chrono::duration<double> sliding_optimum(std::size_t ids)
{
    return short_window * static_cast<double>((ids + burst - 1) / burst - 1);
}

std::chrono::duration<double> allowed(std::size_t ids)
{
    return sliding_optimum(ids) * 1.03 + round_trip * static_cast<double>((ids + burst - 1) / burst);
}

/// What a bulk fetched, and in which time.
struct finding
{
    std::set<std::string> fetched;
    std::size_t failed = 0;
    std::chrono::duration<double> makespan{};
};

asio::awaitable<finding> read_and_time(bulk from)
{
    finding found;
    const auto began = steady_clock::now();
    while (auto item = co_await from.next()) {
        if (item->outcome)
            found.fetched.insert(item->label + item->cluster.id);
        else
            ++found.failed;
    }
    found.makespan = steady_clock::now() - began;
    co_return found;
}

/// One variant of the server's rule, with a simulator of its own.
struct variant
{
    variant(std::size_t ids, bool minute_slides, bool refusals_count)
        : name(std::string(minute_slides ? "sliding" : "fixed") + " minute, refusals " +
               (refusals_count ? "count" : "do not count"))
        , api(scaled_down(ids, minute_slides, refusals_count))
    {}

    void start(asio::io_context& on)
    {
        auto config = config_for(api, at_once);
        const doks::client client(on.get_executor(), config);
        auto all = client.kubeconfigs(api.cluster_ids(), {.in_flight = at_once, .reserved_slots = 0});
        outcome = asio::co_spawn(on, read_and_time(std::move(all)), asio::use_future);
    }

    static client_config config_for(const sim::simulator& api, std::size_t connections)
    {
        client_config config;
        config.api_url = api.url();
        config.tls.ca_file = api.ca_file();
        config.token = token(api.token());
        config.rate_limit = {{burst, short_window}, {5000, 360s}};
        config.connections = connections;
        return config;
    }

    std::string name;
    sim::simulator api;
    std::future<finding> outcome;
};

void check_complete(const finding& found, const sim::simulator& api, std::size_t ids, std::size_t ids_of_a_token)
{
    CHECK(found.fetched.size() == ids);
    CHECK(found.failed == 0);
    CHECK(api.counts().throttled == 0);
    CHECK(api.counts().requests == ids);
    CHECK(found.makespan >= sliding_optimum(ids_of_a_token));
}

/// The clock judges the long form only, which runs alone; beside other tests the figure is for information.
void check_time(bool in_time)
{
    if (is_long() && slowness == 1)
        CHECK(in_time);
    else
        WARN(in_time);
}

}

TEST_CASE("a bulk takes the shortest time that the quota allows, without a refusal, in every variant of the rule")
{
    const auto ids = ids_of_the_day();
    asio::io_context context;
    std::vector<std::unique_ptr<variant>> variants;
    for (const bool minute_slides : {true, false})
        for (const bool refusals_count : {false, true})
            variants.push_back(std::make_unique<variant>(ids, minute_slides, refusals_count));
    for (auto& each : variants) each->start(context);
    context.run_for(200s);
    REQUIRE(context.stopped());
    for (auto& each : variants) {
        INFO(each->name);
        const auto found = each->outcome.get();
        MESSAGE(each->name << ": " << ids << " ids in " << found.makespan.count() << " s, "
                           << each->api.counts().throttled << " refusals; the optimum is "
                           << sliding_optimum(ids).count() << " s, allowed are " << allowed(ids).count() << " s");
        check_complete(found, each->api, ids, ids);
        check_time(found.makespan <= allowed(ids));
    }
}

TEST_CASE("four tokens on one client finish in the time of one")
{
    const auto ids = slowness > 1 ? std::size_t(500) : std::size_t(750);
    asio::io_context context;
    variant alone(ids, true, false);
    alone.start(context);
    sim::simulator api(scaled_down(ids, true, false));
    const doks::client base(context.get_executor(), variant::config_for(api, 4 * at_once));
    bulk all;
    for (const std::string label : {"a", "b", "c", "d"}) {
        const auto client = base.with(token(api.add_token({.label = label})), label);
        all.add(client.kubeconfigs(api.cluster_ids(), {.in_flight = at_once, .reserved_slots = 0}));
    }
    auto outcome = asio::co_spawn(context, read_and_time(std::move(all)), asio::use_future);
    context.run_for(100s);
    REQUIRE(context.stopped());
    const auto of_one = alone.outcome.get();
    const auto found = outcome.get();
    MESSAGE("four tokens with " << ids << " ids each in " << found.makespan.count() << " s, one alone in "
                                << of_one.makespan.count() << " s; the optimum of one is "
                                << sliding_optimum(ids).count() << " s");
    check_complete(found, api, 4 * ids, ids);
    check_time(found.makespan <= of_one.makespan * 1.03);
}

}
