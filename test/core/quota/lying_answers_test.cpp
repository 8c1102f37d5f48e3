#include "core/quota/virtual_token.hpp"

#include <doctest/doctest.h>

#include <algorithm>

// Bulks and single calls whose responses lie about the quota, against the same run with honest responses.

using namespace std::chrono_literals;
using namespace core_test;

namespace {

constexpr std::size_t ids = 5'000;

/// Some answers state whatever they like of the quota.
std::function<void(response_hints&, instant)> liar(core_test::rng& rng, std::size_t& lies, double share)
{
    return [&rng, &lies, share](response_hints& said, instant at) {
        if (!rng.chance(share)) return;
        ++lies;
        constexpr std::size_t limits[] = {1, 10, 250, 5'000, 5'000, 5'000, 10'000, 1'000'000};
        said.rate_limit.limit = limits[rng.below(std::size(limits))];
        said.rate_limit.remaining = rng.chance(0.5) ? 0 : rng.below(*said.rate_limit.limit + 1);
        said.rate_limit.reset =
            std::chrono::floor<std::chrono::seconds>(virtual_token::wall(at)) + std::chrono::seconds(rng.below(4'000));
    };
}

/// The time that one bulk takes beside a server that lies or is honest.
duration makespan(std::uint64_t seed, bool lying, std::size_t& lies)
{
    virtual_token token(every_server[0], 0s);
    core_test::rng rng(seed);
    if (lying) token.distort = liar(rng, lies, 0.01);
    bulk_process bulk(token, seed, ids, start);
    bulk.run();
    CHECK(bulk.pending == 0);
    return bulk.now() - start;
}

}

TEST_CASE("a bulk takes no longer where one response in a hundred lies about the quota")
{
    std::size_t lies = 0;
    const std::size_t bulks = steps(40, 1'000);
    double sum = 0, worst = 0;
    for (std::uint64_t seed = 1; seed <= bulks; ++seed) {
        CAPTURE(seed);
        const auto honest = makespan(seed, false, lies);
        const auto told = makespan(seed, true, lies);
        CHECK(
            told - honest < 1min); // where two lies in a row cost a slot of each minute, the last ids need another one
        const double longer = std::chrono::duration<double>(told) / std::chrono::duration<double>(honest);
        sum += longer;
        worst = std::max(worst, longer);
    }
    CHECK(sum / static_cast<double>(bulks) < 1.01);
    MESSAGE(lies << " lies; of the honest makespan " << sum / static_cast<double>(bulks) << ", at most " << worst);
}

TEST_CASE("a single call is sent within two seconds whatever the responses before it said")
{
    duration longest{};
    std::size_t lies = 0;
    for (std::uint64_t seed = 1; seed <= steps(200, 5'000); ++seed) {
        CAPTURE(seed);
        core_test::rng rng(seed);
        rate_limiter limiter(doks::digitalocean_limits());
        const auto lie = liar(rng, lies, 0.03);
        instant now = start;
        for (int call = 0; call < 200; ++call) {
            const instant asked = now;
            auto ticket = limiter.reserve(now);
            while (!ticket) {
                now = std::max(limiter.next(now), now + 10ms);
                REQUIRE(now - asked <= 2s);
                ticket = limiter.reserve(now);
            }
            longest = std::max(longest, now - asked);
            now += 200ms;
            response_hints said;
            said.rate_limit.limit = 5'000;
            said.rate_limit.remaining = 5'000 - call - 1;
            lie(said, now);
            limiter.settle(*ticket, said, {now, virtual_token::wall(now), rng.unit()});
            now += rng.between(duration(0), duration(2s));
        }
    }
    MESSAGE(lies << " lies, the longest wait " << std::chrono::duration<double>(longest).count() << " s");
}

TEST_CASE("a single call asks a second after responses that agree on a limit that is used up")
{
    rate_limiter limiter(doks::digitalocean_limits());
    instant now = start;
    for (int lie = 0; lie < 3; ++lie, now += 1s) {
        const auto ticket = limiter.reserve(now);
        REQUIRE(ticket);
        response_hints said;
        said.rate_limit.limit = 1;
        limiter.settle(*ticket, said, {now, virtual_token::wall(now), 0});
    }
    REQUIRE(limiter.windows().back().limit == 1);
    CHECK(limiter.next(now) <= now + 2s);
}

TEST_CASE("where the hour is really used up, a single call asks once, and the refusal says how long to wait")
{
    rate_limiter limiter(doks::digitalocean_limits());
    const auto wall = virtual_token::wall(start);
    response_hints empty;
    empty.date = std::chrono::floor<std::chrono::seconds>(wall);
    empty.rate_limit = {5'000, 0, *empty.date + 20min};
    limiter.settle(*limiter.reserve(start), empty, {start, wall, 0});
    CHECK_FALSE(limiter.reserve(start));
    CHECK(limiter.next(start, in_bulk()) == start + 1s); // one response alone does not convince
    const auto question = limiter.reserve(start + 1s);
    REQUIRE(question);
    CHECK_FALSE(limiter.reserve(start + 1s));
    limiter.refuse(*question, empty, {start + 1s, wall + 1s, 0});
    CHECK_FALSE(limiter.reserve(start + 2s));
    CHECK(limiter.next(start + 2s) >= start + 20min);
    CHECK(limiter.next(start + 2s) <= start + 20min + 5s);
}
