#include "cli/fetch/eta.hpp"
#include "cli/fetch/latency_meter.hpp"
#include "cli/output/progress_text.hpp"

#include <doctest/doctest.h>

// The progress line and its estimate: counts and times in, text out.

using namespace std::chrono_literals;
using namespace doks::cli;
using std::chrono::system_clock;

namespace {

const system_clock::time_point wall{500000h};

}

TEST_CASE("the estimate is the later of quota and speed")
{
    CHECK_FALSE(estimated_time(100, 0s, {}, 64));
    CHECK(estimated_time(0, 1min, 10ms, 64) == 0s);
    CHECK(estimated_time(640, 0s, 100ms, 64) == 1s);
    CHECK(estimated_time(640, 1min, 100ms, 64) == 60'100ms);
    CHECK(estimated_time(1, 0s, 100ms, 64) == 100ms);
}

TEST_CASE("the progress line tells count, rate, failures, quota and time")
{
    progress_moment now;
    now.summary.total = 1000;
    now.summary.fetched = 600;
    now.summary.gone = 2;
    now.summary.failed = 10;
    now.elapsed = 100s;
    now.quota = {{{250, 1min}, 38}, {{5000, 1h}, 4388}};
    now.waits_for_quota = 12s;
    now.remaining = 92s;
    CHECK(progress_text(now) ==
          "612/1000, 6.1/s, 10 failed, ~1m 32s left, quota 38 of 250/1m, 4388 of 5000/1h, next in 12.0s");
    now.external = 90;
    now.parked = 31;
    CHECK(progress_text(now).ends_with("4388 of 5000/1h, 90 by others, 31 parked, next in 12.0s"));
    CHECK(progress_text({}) == "0/0, 0.0/s, 0 failed");
}

TEST_CASE("the summary counts every outcome")
{
    doks::bulk_summary counts;
    counts.total = 10;
    counts.fetched = 4;
    counts.fresh = 3;
    counts.not_ready = 1;
    counts.gone = 1;
    counts.failed = 1;
    counts.retries = 1;
    CHECK(summary_text(counts, 182s) ==
          "10 of 10 done in 3m 02s: 4 fetched, 3 fresh, 1 not ready, 1 gone, 1 failed, 1 retry");
}

TEST_CASE("without limits of our own the pace until now tells how long the rest takes")
{
    CHECK_FALSE(time_at_pace(100, 0, 1s));
    CHECK(time_at_pace(0, 10, 1s) == 0s);
    CHECK(time_at_pace(750, 250, 60s) == 180s);
}

TEST_CASE("a clock that is far from the API's is named, by the API's own responses")
{
    doks::response_received response;
    response.status = 200;
    CHECK(clock_fault(response, wall).empty());
    response.date = wall;
    for (const auto near : {-5min, 0min, 5min}) CHECK(clock_fault(response, wall + near).empty());
    CHECK(
        clock_fault(response, wall + 3h).starts_with("the API's response is dated 3h 00m before this machine's time"));
    CHECK(clock_fault(response, wall - 24h).find("after this machine's time") != std::string::npos);
    response.status = 502;
    CHECK(clock_fault(response, wall + 3h).empty());
}
