#include "sim/simulated.hpp"

#include "sim/parse.hpp"
#include "support/text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

// The readers of faults, limits, latencies and durations: texts in, values out.

using namespace sim_test;
using sim::fault_kind;

namespace {

/// The text of the error that the call throws.
template <class Call> std::string complaint(Call call)
{
    try {
        call();
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "nothing";
}

using doks::test::holds;

}

TEST_CASE("faults are read with rates as shares or percentages")
{
    auto faults = sim::parse_faults("refuse=0.01,reset_at=5%,stall-body=1,503@2=0.1,429=0.1,html-520=0");
    REQUIRE(faults.size() == 6);
    CHECK(faults[0].kind == fault_kind::refuse);
    CHECK(faults[0].rate == doctest::Approx(0.01));
    CHECK(faults[1].kind == fault_kind::reset_at);
    CHECK(faults[1].rate == doctest::Approx(0.05));
    CHECK(faults[3].kind == fault_kind::status);
    CHECK(faults[3].status == 503);
    CHECK(faults[3].retry_after == 2);
    CHECK(faults[4].status == 429);
    CHECK_FALSE(faults[4].retry_after);
    CHECK(faults[5].kind == fault_kind::status_html);
    CHECK(faults[5].status == 520);
    CHECK(sim::parse_faults("").empty());
}

TEST_CASE("mixed shares its rate among several wire faults")
{
    auto faults = sim::parse_faults("mixed=10%");
    auto of_requests = [](double sum, const sim::fault& each) {
        return each.kind == fault_kind::refuse ? sum : sum + each.rate;
    };
    CHECK(std::accumulate(faults.begin(), faults.end(), 0.0, of_requests) == doctest::Approx(0.1));
    CHECK(faults.size() >= 8);
}

TEST_CASE("a fault that cannot be read is named, together with the valid ones")
{
    for (const char* bad : {"explode=0.1", "reset-at", "reset-at=", "reset-at=2", "reset-at=-1", "reset-at=x",
             "none=0.1", "700=0.1", "503@x=0.1", "html-99=0.1", "=0.1", "refuse=nan"}) {
        std::string said = complaint([&] { sim::parse_faults(std::string("refuse=0,") + bad); });
        CHECK_MESSAGE(holds(said, "'" + std::string(bad) + "'"), said);
        CHECK_MESSAGE(holds(said, "stall-first-byte"), said);
        CHECK_MESSAGE(holds(said, "mixed"), said);
    }
    for (const std::string& kind : sim::fault_kinds())
        if (kind.find("..") == kind.npos) CHECK_NOTHROW(sim::parse_faults(kind + "=0.5"));
}

TEST_CASE("rates that add up to more than 1 are refused by the simulator")
{
    sim::options how;
    how.faults = sim::parse_faults("503=0.6,502=0.6");
    CHECK(holds(complaint([&] { sim::simulator it(how); }), "more than 1"));
}

TEST_CASE("rate limits are read with windows of any unit")
{
    auto limit = sim::parse_rate_limit("250/500ms,5000/30s");
    CHECK(limit.enabled);
    CHECK(limit.per_minute == 250);
    CHECK(limit.minute_window == 500ms);
    CHECK(limit.per_hour == 5000);
    CHECK(limit.hour_window == 30s);
    CHECK(sim::parse_rate_limit("10/1m").hour_window == 1h);
    CHECK_FALSE(sim::parse_rate_limit("off").enabled);
    for (const char* bad :
        {"", "250", "250/", "/1m", "0/1m", "250/0s", "250/1m,", "1/1s,1/1s,1/1s", "-1/1m", "250/1 m"})
        CHECK_MESSAGE(holds(complaint([&] { sim::parse_rate_limit(bad); }), "cannot be read"), bad);
}

TEST_CASE("latencies are read as one duration or a range")
{
    CHECK(sim::parse_latency("20ms").min == 20ms);
    CHECK(sim::parse_latency("20ms").max == 20ms);
    CHECK(sim::parse_latency("20ms..0.2s").max == 200ms);
    for (const char* bad : {"", "20", "20ms..", "..20ms", "200ms..20ms", "x", "-1ms", "1ms..2ms..3ms"})
        CHECK_MESSAGE(holds(complaint([&] { sim::parse_latency(bad); }), "cannot be read"), bad);
}

TEST_CASE("durations are read with every unit")
{
    CHECK(sim::parse_duration("5ns") == 5ns);
    CHECK(sim::parse_duration("5us") == 5us);
    CHECK(sim::parse_duration("1.5s") == 1500ms);
    CHECK(sim::parse_duration("2m") == 2min);
    CHECK(sim::parse_duration("7d") == 24h * 7);
    CHECK(holds(complaint([] { sim::parse_duration("1000000d"); }), "292 years"));
}

TEST_CASE("options that make no sense are refused by name")
{
    sim::options limits;
    limits.limit.per_minute = 0;
    CHECK(holds(complaint([&] { sim::simulator it(limits); }), "rate_limit"));
    sim::options slow;
    slow.latency = {2ms, 1ms};
    CHECK(holds(complaint([&] { sim::simulator it(slow); }), "latency"));
    sim::simulator it;
    CHECK(holds(complaint([&] { it.set_cluster({.name = "a b"}); }), "cluster_spec.name"));
    CHECK(holds(complaint([&] { it.set_cluster({.id = "../x"}); }), "cluster_spec.id"));
    CHECK_THROWS_AS(it.cluster("nowhere"), std::out_of_range);
    CHECK_THROWS_AS(it.token("unknown"), std::out_of_range);
}
