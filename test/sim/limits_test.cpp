#include "sim/simulated.hpp"

#include "sim/account/limiter.hpp"

#include <doctest/doctest.h>

#include <ctime>
#include <random>
#include <vector>

// The simulator's rate limits over HTTPS against their arithmetic, in each variant of the server's rule.

using namespace sim_test;
using doks::sim::instant;
using doks::sim::limiter;
using doks::sim::verdict;

namespace {

constexpr instant start{std::chrono::seconds(1'700'000'040)}; // a multiple of 60 s

/// Limits that a test can use up, in this variant of the rule.
sim::rate_limit small(bool slides, bool counts)
{
    sim::rate_limit limit;
    limit.per_minute = 3;
    limit.per_hour = 5;
    limit.minute_slides = slides;
    limit.refusals_count = counts;
    return limit;
}

/** Judges a request at each of these seconds: '+' admitted, 'm' refused by the minute, 'h' by the hour. */
std::string judged(limiter& by, std::vector<int> seconds)
{
    std::string result;
    for (int at : seconds) {
        verdict each = by.judge(start + std::chrono::seconds(at));
        result += each.admitted ? '+' : each.retry_after ? 'm' : 'h';
    }
    return result;
}

}

TEST_CASE("a sliding minute frees a slot exactly one minute after it was used")
{
    limiter by(small(true, false));
    CHECK(judged(by, {0, 30, 50, 59, 60, 61}) == "+++m+m");
    CHECK(judged(by, {89, 90}) == "m+");
}

TEST_CASE("a fixed minute frees all its slots at once")
{
    limiter by(small(false, false));
    CHECK(judged(by, {50, 55, 59, 59, 60, 61}) == "+++m++");
}

TEST_CASE("the hour is a sliding log in every variant")
{
    for (bool slides : {true, false}) {
        limiter by(small(slides, false));
        CHECK(judged(by, {0, 1, 2, 120, 121, 122, 3599}) == "+++++hh");
        CHECK(judged(by, {3600, 3600, 3601, 3602, 3603}) == "+h++h");
    }
}

TEST_CASE("a refusal uses no quota, or it does: then hammering is never admitted again")
{
    limiter kind(small(true, false));
    CHECK(judged(kind, {0, 0, 0, 20, 40, 60}) == "+++mm+");
    limiter strict(small(true, true));
    CHECK(judged(strict, {0, 0, 0, 20, 40, 60}) == "+++mmh");
    limiter strict_fixed(small(false, true));
    CHECK(judged(strict_fixed, {0, 0, 0, 20, 60, 70}) == "+++m+h");
}

TEST_CASE("remaining and reset describe the hour, retry-after the minute")
{
    limiter by(small(true, false));
    verdict first = by.judge(start);
    CHECK(first.remaining == 4);
    CHECK(first.reset == start + 1h);
    CHECK_FALSE(first.retry_after);
    CHECK(by.judge(start + 10s).remaining == 3);
    CHECK(by.judge(start + 20s).remaining == 2);
    verdict burst = by.judge(start + 20500ms);
    CHECK_FALSE(burst.admitted);
    CHECK(burst.remaining == 0);
    CHECK(burst.retry_after == 40s);
    CHECK(by.judge(start + 60s).remaining == 1);
    CHECK(by.judge(start + 70s).remaining == 0);
    verdict hour = by.judge(start + 200s);
    CHECK_FALSE(hour.admitted);
    CHECK_FALSE(hour.retry_after);
    CHECK(hour.reset == start + 1h);
    CHECK(by.judge(start + 1h).reset == start + 1h + 10s);
}

TEST_CASE("retry-after is long enough in every variant: a single waiter is admitted when it comes back")
{
    for (int variant = 0; variant < 4; ++variant) {
        sim::rate_limit limit = small(variant & 1, variant & 2);
        limit.per_hour = 1000;
        limiter by(limit);
        std::mt19937 random(7);
        instant now = start;
        for (int i = 0; i < 2000; ++i) {
            now += std::chrono::milliseconds(random() % 20'000);
            verdict each = by.judge(now);
            if (each.admitted) continue;
            if (!each.retry_after) break;
            now += *each.retry_after;
            verdict again = by.judge(now);
            CHECK((again.admitted || limit.refusals_count || !again.retry_after));
        }
    }
}

TEST_CASE("no window ever holds more admitted requests than its limit")
{
    sim::rate_limit limit = small(true, false);
    limiter by(limit);
    std::mt19937 random(11);
    std::vector<instant> admitted;
    instant now = start;
    for (int i = 0; i < 3000; ++i) {
        now += std::chrono::milliseconds(random() % 60'000);
        if (by.judge(now).admitted) admitted.push_back(now);
    }
    for (std::size_t i = limit.per_minute; i < admitted.size(); ++i)
        CHECK(admitted[i] - admitted[i - limit.per_minute] >= limit.minute_window);
    for (std::size_t i = limit.per_hour; i < admitted.size(); ++i)
        CHECK(admitted[i] - admitted[i - limit.per_hour] >= limit.hour_window);
}

TEST_CASE("every response has the rate headers with the exact numbers")
{
    sim::options how;
    how.limit.per_minute = 3;
    simulated it(how);
    long before = std::time(nullptr);
    response first = it.get(it.kubeconfig());
    CHECK(first.header("ratelimit-limit") == "5000");
    CHECK(first.header("ratelimit-remaining") == "4999");
    long reset = std::stol(first.header("ratelimit-reset"));
    CHECK(reset >= before + 3600);
    CHECK(reset <= std::time(nullptr) + 3600);
    CHECK_FALSE(first.has("retry-after"));
    response missing = it.get("/v2/nothing");
    CHECK(missing.status == 404);
    CHECK(missing.header("ratelimit-remaining") == "4998");
    CHECK(std::stol(missing.header("ratelimit-reset")) == reset);
    CHECK(it.get("/v2/kubernetes/clusters").header("ratelimit-remaining") == "4997");
    response burst = it.get(it.kubeconfig());
    CHECK(burst.status == 429);
    CHECK(text(json_in(burst).at("id")) == "too_many_requests");
    CHECK(burst.header("ratelimit-remaining") == "0");
    CHECK(burst.header("ratelimit-limit") == "5000");
    long wait = std::stol(burst.header("retry-after"));
    CHECK((wait >= 55 && wait <= 60));
    CHECK(it.get("/v2/kubernetes/clusters", "unknown").header("ratelimit-limit") == "5000");
    CHECK(it.api.counts().throttled == 1);
    CHECK(it.api.counts().minted == 1);
}

TEST_CASE("a refusal by the hour has no retry-after")
{
    sim::options how;
    how.limit.per_hour = 2;
    simulated it(how);
    it.get(it.kubeconfig());
    it.get(it.kubeconfig());
    response refused = it.get(it.kubeconfig());
    CHECK(refused.status == 429);
    CHECK_FALSE(refused.has("retry-after"));
    CHECK(refused.header("ratelimit-remaining") == "0");
}

TEST_CASE("each token has limits of its own")
{
    sim::options how;
    how.limit.per_minute = 1;
    simulated it(how);
    std::string other = it.api.add_token({.label = "other"});
    CHECK(it.get(it.kubeconfig()).status == 200);
    CHECK(it.get(it.kubeconfig()).status == 429);
    CHECK(it.get(it.kubeconfig(), other).status == 200);
    it.api.set_rate_limit({.per_minute = 2});
    CHECK(it.get(it.kubeconfig()).status == 200);
}

TEST_CASE("a request counts when it arrives, after its one-way latency")
{
    sim::options how;
    how.limit.per_minute = 1;
    how.limit.minute_window = 150ms;
    how.latency = {200ms, 200ms};
    simulated it(how);
    auto begun = std::chrono::steady_clock::now();
    response first = it.get(it.kubeconfig());
    auto took = std::chrono::steady_clock::now() - begun;
    CHECK(first.status == 200);
    CHECK(took >= 400ms);
    CHECK(it.get(it.kubeconfig()).status == 200);
    auto seen = it.api.journal();
    REQUIRE(seen.size() == 2);
    CHECK(seen[1].at - seen[0].at >= 400ms);
}
