#include "core/http/response_headers.hpp"
#include "core/quota/rate_limiter.hpp"
#include "core/quota/server_clock.hpp"
#include "core/retry/retry.hpp"

#include "core/quota/limiters.hpp"
#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <ctime>
#include <string>

// Waits for a quota's reset while the local clock and the server's differ or step; a model of the server says when.

using namespace std::chrono_literals;
using namespace core_test;
using doks::core::duration;
using doks::core::hint_collector;
using doks::core::response_hints;
using doks::core::wall_time;
using std::chrono::floor;
using std::chrono::seconds;

namespace {

constexpr wall_time someday = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24);

/// The date as a server writes it in this form.
std::string printed(wall_time when, const char* form)
{
    const std::time_t at = std::chrono::system_clock::to_time_t(floor<seconds>(when));
    std::tm parts{};
    gmtime_r(&at, &parts);
    char text[64];
    return {text, std::strftime(text, sizeof text, form, &parts)};
}

/// What a server whose clock shows `server` says of an hour whose oldest request leaves it `ahead` from now.
response_hints said(wall_time server, duration ahead, const std::string& date, wall_time local)
{
    hint_collector into;
    if (!date.empty()) into.field("Date", date);
    const auto reset = floor<seconds>(server + ahead).time_since_epoch();
    into.field("ratelimit-reset", std::to_string(reset.count()));
    return into.finish(local);
}

/// Two clocks that have nothing to do with one another, and a reset by the server's.
struct skewed
{
    explicit skewed(core_test::rng& rng)
        : server(someday + rng.between(duration(0), duration(24h * 365)))
        , local(server + rng.between(duration(-48h), duration(48h)))
        , ahead(rng.between(duration(1s), duration(1h - 2s)))
        , unit(rng.unit())
    {}

    /// The refusal of a server that sends its Date.
    response_hints with_date() const
    {
        constexpr const char* forms[] = {
            "%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"};
        return said(server, ahead, printed(server, forms[static_cast<std::size_t>(unit * 3)]), local);
    }

    wall_time server, local;
    duration ahead;
    double unit;
};

}

TEST_CASE("with a Date the wait is the server's own, however far apart the clocks are: never early, late by two "
          "seconds at most")
{
    core_test::rng rng(14);
    duration earliest = 1h, latest = -1h;
    for (std::size_t i = steps(50'000, 1'000'000); i != 0; --i) {
        const skewed it(rng);
        const auto hints = it.with_date();
        REQUIRE(hints.date == floor<seconds>(it.server));
        const duration wait = wait_after_refusal(hints, it.local, 0, 0.0);
        REQUIRE(wait == wait_for_reset(hints, it.local));
        REQUIRE(wait - it.ahead > 0s);
        REQUIRE(wait - it.ahead < 2s);
        const duration jittered = wait_after_refusal(hints, it.local, 0, it.unit);
        REQUIRE(jittered >= wait);
        REQUIRE(jittered - wait <= std::min<duration>(wait / 20, 10s));
        earliest = std::min(earliest, wait - it.ahead);
        latest = std::max(latest, wait - it.ahead);
    }
    MESSAGE("late by " << std::chrono::duration<double>(earliest).count() << " to "
                       << std::chrono::duration<double>(latest).count() << " s");
}

TEST_CASE(
    "after a few answers the dates of which fall anywhere in their seconds, the wait is late by little more than one")
{
    core_test::rng rng(19);
    duration earliest = 1h, latest = -1h;
    for (std::size_t i = steps(5'000, 100'000); i != 0; --i) {
        skewed it(rng);
        doks::core::server_clock clock;
        auto now = start;
        constexpr int answers = 30;
        for (int k = 0; k < answers; ++k) {
            const auto passed = rng.between(duration(0), duration(20s));
            const auto way = rng.between(duration(1ms), duration(200ms));
            now += passed + way;
            it.server += passed;
            clock.refined(it.with_date(), now);
            it.server += way;
        }
        const auto hints = clock.refined(it.with_date(), now);
        REQUIRE(*hints.date <= it.server);
        const duration late = wait_for_reset(hints, it.local) - it.ahead;
        earliest = std::min(earliest, late);
        latest = std::max(latest, late);
    }
    CHECK(earliest > 0s);
    CHECK(latest < 1500ms);
    MESSAGE("late by " << std::chrono::duration<double>(earliest).count() << " to "
                       << std::chrono::duration<double>(latest).count() << " s");
}

TEST_CASE("a server's clock that is set back is followed at once, one set forward too")
{
    const wall_time first = someday + 300ms;
    doks::core::server_clock clock;
    const auto dated = [](wall_time at) {
        response_hints hints;
        hints.date = floor<seconds>(at);
        return hints;
    };
    clock.refined(dated(first), start);
    CHECK(*clock.refined(dated(first + 10s), start + 10s).date <= first + 10s);
    CHECK(*clock.refined(dated(first - 1h), start + 11s).date == floor<seconds>(first - 1h));
    CHECK(*clock.refined(dated(first + 48h), start + 12s).date == floor<seconds>(first + 48h));
    CHECK_FALSE(clock.refined(response_hints(), start + 13s).date);
}

TEST_CASE("clocks that part by 200 ppm for days never make the server's a time ahead of its own")
{
    doks::core::server_clock clock;
    for (duration passed{}; passed <= 96h; passed += 10min) {
        const wall_time server = someday + passed - passed / 5'000;
        response_hints hints;
        hints.date = floor<seconds>(server);
        REQUIRE(*clock.refined(hints, start + passed).date <= server + 1ms);
    }
}

TEST_CASE("with a Date the local clock changes nothing at all")
{
    core_test::rng rng(15);
    for (int i = 0; i < 1'000; ++i) {
        const skewed it(rng);
        const auto hints = it.with_date();
        const auto wait = wait_after_refusal(hints, it.server, 3, it.unit);
        for (const auto skew : {-48h, -1h, 1h, 48h, 24h * 365 * 40})
            REQUIRE(wait_after_refusal(hints, it.server + skew, 3, it.unit) == wait);
    }
}

TEST_CASE("without a Date, or with one that cannot be read, the wait is an hour and its jitter at most")
{
    core_test::rng rng(16);
    duration longest{};
    constexpr const char* garbled[] = {
        "", "yesterday", "Tue, 24 Nov 2026", "1795478400", "Tue, 24 Nov 2026 25:00:00 GMT"};
    for (std::size_t i = steps(50'000, 1'000'000); i != 0; --i) {
        const skewed it(rng);
        const auto hints = said(it.server, it.ahead, garbled[rng.below(5)], it.local);
        REQUIRE_FALSE(hints.date);
        const duration reset = wait_for_reset(hints, it.local);
        REQUIRE(reset >= 0s);
        REQUIRE(reset <= 1h);
        const duration wait = wait_after_refusal(hints, it.local, rng.below(100) == 0 ? UINT32_MAX : 0, it.unit);
        REQUIRE(wait > 0s);
        REQUIRE(wait <= 1h + 10s);
        longest = std::max(longest, wait);
    }
    MESSAGE("at most " << std::chrono::duration<double>(longest).count() << " s");
}

TEST_CASE("without a Date clocks that agree give the same wait as with one, to a second")
{
    core_test::rng rng(17);
    for (int i = 0; i < 1'000; ++i) {
        skewed it(rng);
        it.local = it.server;
        const auto wait = wait_after_refusal(said(it.server, it.ahead, "", it.local), it.local, 0, 0.0);
        REQUIRE(wait - it.ahead > 0s);
        REQUIRE(wait - it.ahead <= 1s);
    }
}

TEST_CASE("a local clock that steps during the wait moves nothing: the closure stands on the steady clock")
{
    core_test::rng rng(18);
    for (int i = 0; i < 1'000; ++i) {
        const skewed it(rng);
        auto limiter = warmed({{250, 1min}}, 4);
        const auto first = *limiter.reserve(start), late = *limiter.reserve(start), answered = *limiter.reserve(start);
        limiter.refuse(first, it.with_date(), {start, it.local, 0});
        const auto closed_until = *limiter.closed_until();
        REQUIRE(closed_until - (start + it.ahead) < 2s);

        const wall_time stepped = it.local + rng.between(duration(-1h), duration(1h));
        const auto later = rng.between(duration(0), duration(std::min<duration>(it.ahead, 20s)));
        skewed then = it;
        then.server += later;
        then.ahead -= later;
        limiter.settle(answered, then.with_date(), {start + later, stepped, it.unit});
        REQUIRE(limiter.closed_until() == closed_until);
        limiter.refuse(late, then.with_date(), {start + later, stepped, 0});
        REQUIRE(*limiter.closed_until() >= closed_until);
        REQUIRE(*limiter.closed_until() - (start + it.ahead) < 2s);
        REQUIRE(limiter.next(start + later) == *limiter.closed_until());
    }
}
