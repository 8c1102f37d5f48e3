#include "core/retry/retry_loop.hpp"

#include "core/retry/retry_fixture.hpp"
#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <queue>
#include <vector>

// The load that many callers put on a server that fails for a while, in a simulation of calls by their decisions.

using namespace std::chrono_literals;
using namespace core_test;
using namespace doks::core;

namespace {

/// An API and the calls that one client makes of it, in virtual time: when what was sent, and what came of it.
class load_run
{
public:
    load_run(std::uint64_t seed, retry_rules rules)
        : rng_(seed)
    {
        how_.retry = rules;
    }

    /// Calls begin evenly, whatever becomes of those before; each attempt takes 50 ms.
    void single_calls(std::size_t each_second, duration span)
    {
        for (duration at{}; at < span; at += duration(1s) / static_cast<duration::rep>(each_second))
            begin(start + at, false);
    }
    /// Each worker begins its next call when its last one ended.
    void workers(std::size_t count)
    {
        for (; count != 0; --count) begin(start, true);
    }

    /// `fails` tells how likely an attempt fails then.
    template <class Probability> void run(Probability fails, instant end = never)
    {
        while (!due_.empty() && due_.top().at < end) {
            const auto [at, which] = due_.top();
            due_.pop();
            sends_.push_back(at);
            const auto how = answered(rng_.chance(fails(at)) ? 503 : 200);
            const auto next = calls_[which].retry_loop.ended(how, budget, at + 50ms, rng_.unit());
            if (next.verdict == verdict::retry)
                due_.push({at + 50ms + next.delay, which});
            else
                conclude(which, next.verdict == verdict::deliver, at + 50ms);
        }
    }

    std::size_t calls() const { return calls_.size(); }
    std::size_t sent(instant from = start, instant to = never) const
    {
        return static_cast<std::size_t>(
            std::count_if(sends_.begin(), sends_.end(), [&](instant at) { return at >= from && at < to; }));
    }

    retry_budget budget;
    std::size_t succeeded = 0;
    instant last_failure = start;

private:
    struct call
    {
        doks::core::retry_loop retry_loop;
        bool followed_by_another = false;
    };
    struct event
    {
        instant at;
        std::size_t call;
        bool operator>(const event& other) const { return at > other.at; }
    };

    void begin(instant at, bool followed)
    {
        calls_.push_back({retry_loop(how_, at), followed});
        due_.push({at, calls_.size() - 1});
    }
    void conclude(std::size_t which, bool well, instant now)
    {
        well ? ++succeeded : (last_failure = std::max(last_failure, now), 0);
        if (calls_[which].followed_by_another) begin(now, true);
    }

    core_test::rng rng_;
    call_policy how_;
    std::vector<call> calls_;
    std::vector<instant> sends_;
    std::priority_queue<event, std::vector<event>, std::greater<>> due_;
};

retry_rules of_bulk()
{
    retry_rules rules;
    rules.is_bulk = true;
    return rules;
}

double ratio(std::size_t of, std::size_t to) { return static_cast<double>(of) / static_cast<double>(to); }

}

TEST_CASE("an outage of a minute is met with one send for each call and 35 retries, and healing takes no time")
{
    for (const std::size_t rate : {1, 10, 100}) {
        CAPTURE(rate);
        load_run it(rate, {});
        it.single_calls(rate, 80s);
        it.run([](instant at) { return at < start + 60s ? 1.0 : 0.0; });
        const std::size_t during = it.sent(start, start + 60s), calls = 60 * rate;
        CHECK(during <= calls + 35);
        CHECK(static_cast<double>(during) <= (1.2 * static_cast<double>(rate) + 10) * 60);
        CHECK(it.sent() <= it.calls() + 35);
        CHECK(it.last_failure <= start + 60s + 50ms);
        MESSAGE(rate << " calls a second: " << ratio(during, calls) << " sends for each call");
    }
}

TEST_CASE("retries that nothing holds back would multiply an outage by the attempts")
{
    load_run it(1, {});
    it.single_calls(10, 80s);
    for (instant at = start; at < start + 60s; at += 10ms) {
        it.budget = {};
        it.run([](instant) { return 1.0; }, at);
    }
    const double factor = ratio(it.sent(start, start + 60s), 600);
    CHECK(factor > 4.5);
    MESSAGE("without a budget: " << factor << " sends for each call");
}

TEST_CASE("a bulk's workers go on in an outage, each once in ten seconds at most, and are all back 20 s after it")
{
    load_run it(2, of_bulk());
    it.workers(64);
    const instant healed = start + 60s;
    it.run([&](instant at) { return at < healed ? 1.0 : 0.0; }, start + 90s);
    const std::size_t slow = it.sent(start + 20s, healed), whole_second = 64 * 20;
    CHECK(slow <= 64 * 40 / 10);
    CHECK(it.last_failure <= healed + 50ms);
    int seconds = 0;
    while (seconds < 25 && it.sent(healed + seconds * 1s, healed + seconds * 1s + 1s) != whole_second) ++seconds;
    CHECK(seconds <= 20);
    MESSAGE("64 workers send " << ratio(slow, 40) << " a second; all are back after " << seconds << " s");
}

TEST_CASE("one attempt in ten fails: nearly every call succeeds, at little more than a tenth of load")
{
    load_run it(3, {});
    it.single_calls(1'000, steps(100, 1'000) * 1s);
    it.run([](instant) { return 0.1; });
    const double success = ratio(it.succeeded, it.calls()), load = ratio(it.sent(), it.calls());
    CHECK(success >= 0.9999);
    CHECK(load <= 1.12);
    MESSAGE(it.calls() << " calls: " << 100 * success << " % succeed at " << load << " times the load");
}
