#include "core/http/response_headers.hpp"
#include "core/quota/rate_limiter.hpp"
#include "core/retry/retry.hpp"

#include "core/quota/limiters.hpp"
#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <string>
#include <utility>
#include <vector>

// The limiter against a server whose header fields are garbled, out of order or hostile; invariants after each step.

using namespace std::chrono_literals;
using namespace core_test;
using doks::core::duration;
using doks::core::hint_collector;
using doks::core::instant;
using doks::core::response_hints;
using doks::core::wall_time;
using std::chrono::seconds;

namespace {

constexpr std::size_t minute_limit = 250, hour_limit = 5'000, most_raise = 10;
/// The longest wait that a response can bring: the cap and its jitter; beside others a bulk's spacing is added.
constexpr duration longest_wait = 1h + 10s, longest_spread = 1min;
constexpr wall_time wall_at_start = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24);

/** Writes header fields as a server would that is broken or taken over.

    For long stretches it is generous and nearly sound, so that requests go as fast as they ever may.
*/
class adversary
{
public:
    explicit adversary(core_test::rng& rng)
        : rng_(rng)
    {}

    /// Fields of one response, in any order.
    response_hints answer(wall_time wall)
    {
        if (rng_.chance(0.0005)) mood_ = static_cast<mood>(rng_.below(3));
        hint_collector into;
        if (mood_ != mood::wild && rng_.chance(0.99)) {
            const std::string limit = std::to_string(mood_ == mood::generous ? hour_limit : 8'000);
            into.field("rateLimit-Limit", limit);
            into.field("ratelimit-remaining", limit);
            return into.finish(wall);
        }
        for (std::size_t count = rng_.below(8); count != 0; --count) put_one(into, rng_.below(5), wall);
        return into.finish(wall);
    }

private:
    enum class mood
    {
        generous,
        more_generous,
        wild
    };

    void put_one(hint_collector& into, std::size_t which, wall_time wall)
    {
        constexpr std::string_view names[] = {
            "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "retry-after", "date"};
        std::string name(names[which]);
        for (char& c : name)
            if (c >= 'a' && c <= 'z' && rng_.chance(0.3)) c = static_cast<char>(c - 'a' + 'A');
        into.field(name, rng_.chance(0.1) ? garbage() : value(which, wall));
    }

    /// Bytes without any meaning.
    std::string garbage()
    {
        constexpr std::string_view unsound[] = {"-1", "-9223372036854775808", "18446744073709551615",
            "18446744073709551616", "9223372036854775807", "1e3", "5000, 5000", "", "0x1388", "+5000", "5000;w=3600",
            "Wed, 31 Dec 9999 23:59:60 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"};
        return rng_.chance(0.3) ? rng_.bytes(70) : std::string(unsound[rng_.below(std::size(unsound))]);
    }

    /// A number or date that could be this field's, in range or far out of it.
    std::string value(std::size_t which, wall_time wall)
    {
        const auto now = std::chrono::duration_cast<seconds>(wall.time_since_epoch()).count();
        constexpr seconds::rep offsets[] = {0, 1, 30, 3600, 3601, -1, -86'400, 315'360'000, 4'000'000'000};
        switch (which) {
        case 0:
            return std::to_string(limit());
        case 1:
            return std::to_string(rng_.below(rng_.chance(0.8) ? 5'001 : 200'000));
        case 2:
            return std::to_string(std::max<seconds::rep>(now + offsets[rng_.below(std::size(offsets))], 0));
        case 3:
            return rng_.chance(0.5) ? std::to_string(rng_.below(4'000)) : "1000000000";
        default:
            return rng_.chance(0.5) ? "Tue, 24 Nov 2026 00:00:10 GMT" : "Tuesday, 24-Nov-26 11:59:59 GMT";
        }
    }

    std::size_t limit()
    {
        constexpr std::size_t wild[] = {0, 1, 249, 5'000, 8'000, 50'001, 100'000'000, 100'000'001};
        return wild[rng_.below(std::size(wild))];
    }

    core_test::rng& rng_;
    mood mood_ = mood::generous;
};

/// What the responses may do to the hour's limit, told naively.
struct believed
{
    void hear(const std::optional<std::size_t>& said)
    {
        if (!said || *said == 0 || *said > 100'000'000) return;
        last = {last[1], last[2], *said};
        const bool agreed = last[0] == last[1] && last[1] == last[2];
        if (agreed) now = std::min(*said, most_raise * hour_limit);
        highest = std::max(highest, now);
    }

    std::array<std::size_t, 3> last{};
    std::size_t now = hour_limit;
    std::size_t highest = hour_limit;
};

/// Requests within the last minute and hour, by when they were sent.
struct sent_log
{
    void add(instant now)
    {
        minute.push_back(now);
        hour.push_back(now);
    }
    void give_back()
    {
        minute.pop_back();
        hour.pop_back();
    }
    void forget(instant now)
    {
        while (!minute.empty() && minute.front() <= now - 1min) minute.pop_front();
        while (!hour.empty() && hour.front() <= now - 1h) hour.pop_front();
    }

    std::deque<instant> minute, hour;
};

/// A limiter that hears the adversary's header fields, and a count of its own requests beside it.
struct header_walk
{
    explicit header_walk(std::uint64_t seed)
        : rng(seed)
        , server(rng)
        , eager(rng.chance(0.5))
    {}

    /// Up to 64 are under way; where the limiter holds back and nothing is under way, its time is waited for.
    void step()
    {
        const auto on = rng.chance(0.5) ? in_bulk(rng.below(20)) : leaving(0);
        const bool went = under_way.size() < 64 && send(on);
        if (!went && under_way.empty()) now = std::max(now, limiter.next(now, on));
        if (!went || rng.chance(0.3)) now += rng.between(duration(0), duration(rng.chance(0.002) ? 20min : 200ms));
        if (!under_way.empty() && (!went || rng.chance(0.5))) hear();
        check();
    }

    bool send(const rate_limiter::terms& on)
    {
        const auto ticket = limiter.reserve(now, on);
        if (!ticket) return false;
        sent.add(now);
        if (rng.chance(0.01)) {
            limiter.give_back(*ticket);
            sent.give_back();
            return true;
        }
        under_way.push_back(*ticket);
        sent.forget(now);
        REQUIRE(sent.minute.size() <= minute_limit);
        REQUIRE(sent.hour.size() <= limit.highest);
        most_in_hour = std::max(most_in_hour, sent.hour.size());
        return true;
    }

    /// Of the requests under way any one is answered, in whatever order.
    void hear()
    {
        const std::size_t index = rng.below(under_way.size());
        const auto ticket = std::exchange(under_way[index], under_way.back());
        under_way.pop_back();
        if (rng.chance(0.02)) return limiter.lose(ticket, now);
        const auto wall = wall_at_start + (now - start) + rng.between(seconds(-1), seconds(1)) * 172'800;
        const auto said = server.answer(wall);
        const rate_limiter::arrival at{now, wall, rng.unit()};
        ++answers;
        if (rng.chance(eager ? 0.0002 : 0.02)) return refuse(ticket, said, at);
        limit.hear(said.rate_limit.limit);
        limiter.settle(ticket, said, at);
    }

    void refuse(const rate_limiter::ticket& ticket, const response_hints& said, const rate_limiter::arrival& at)
    {
        if (!said.retry_after) limit.hear(said.rate_limit.limit);
        limiter.refuse(ticket, said, at);
        closed_until = std::max(closed_until, now + longest_wait + longest_spread);
        if (const auto until = limiter.closed_until()) REQUIRE(*until <= closed_until);
    }

    void check()
    {
        REQUIRE(limiter.in_flight() == under_way.size());
        REQUIRE(limiter.windows().front() == doks::rate_window{minute_limit, 1min});
        REQUIRE(limiter.windows().back() == doks::rate_window{limit.now, 1h});
        const instant closure = limiter.closed_until().value_or(now);
        for (const auto& on : {leaving(0), in_bulk(), in_bulk(20)}) {
            const instant next = limiter.next(now, on);
            REQUIRE(next >= now);
            REQUIRE(next <= std::max(now, closure) + longest_wait);
        }
    }

    /// With nothing under way a request that comes back at the time that was named goes, at the latest when it comes again.
    void nobody_is_parked_for_ever()
    {
        while (!under_way.empty()) hear();
        const auto on = rng.chance(0.5) ? in_bulk() : leaving(0);
        const instant latest = std::max(now, limiter.closed_until().value_or(now)) + longest_wait;
        int looks = 0;
        for (now = limiter.next(now, on); !limiter.reserve(now, on); now = limiter.next(now, on)) {
            REQUIRE(++looks < 100);
            REQUIRE(now <= latest);
        }
    }

    core_test::rng rng;
    adversary server;
    bool eager;
    rate_limiter limiter{doks::digitalocean_limits()};
    std::vector<rate_limiter::ticket> under_way;
    believed limit;
    sent_log sent;
    instant now = start;
    instant closed_until = start;
    std::size_t answers = 0;
    std::size_t most_in_hour = 0;
};

}

TEST_CASE("whatever a response's header says, no window is exceeded, no wait is longer than the cap, and no limit is "
          "raised unasked")
{
    std::size_t answers = 0, most_in_hour = 0;
    for (std::uint64_t seed = 1; answers < steps(200'000, 1'000'000); ++seed) {
        CAPTURE(seed);
        header_walk walk(seed);
        while (walk.answers < 20'000) walk.step();
        walk.nobody_is_parked_for_ever();
        answers += walk.answers;
        most_in_hour = std::max(most_in_hour, walk.most_in_hour);
    }
    MESSAGE(answers << " answers, at most " << most_in_hour << " requests in an hour, no invariant broken");
}
