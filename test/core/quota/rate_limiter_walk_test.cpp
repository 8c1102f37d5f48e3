#include "core/quota/limiters.hpp"
#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

// The limiter in a random walk against a model that counts every request from end to end.

using namespace std::chrono_literals;
using namespace core_test;
using doks::rate_window;
using doks::core::duration;
using doks::core::instant;
using doks::core::never;

namespace {

/// What becomes of a request.
enum class answer
{
    ok,
    refused,
    unsent,
    lost ///< it may have arrived or not
};

/// A request under way in the model.
struct request
{
    rate_limiter::ticket ticket;
    bool arrived = false;
    unsigned closures = 0; ///< how many there had been when it was sent
};

/// The rules once more, as naively as possible: lists that are counted from end to end.
struct model
{
    std::vector<rate_window> windows;
    std::vector<instant> stamps;
    std::vector<instant> arrivals;
    std::vector<request> under_way;
    unsigned closures = 0;
    unsigned refusals = 0;
    bool open = false; ///< it begins like after a refusal
    bool probe_out = false;
    instant until{};
    instant resume{};
    instant probe_due = never;
    std::size_t ramp = 0;

    std::size_t within(const std::vector<instant>& times, duration per, instant now) const
    {
        return static_cast<std::size_t>(
            std::count_if(times.begin(), times.end(), [&](instant at) { return at > now - per; }));
    }
    bool has_room(instant now, std::size_t reserved_slots) const
    {
        for (std::size_t i = 0; i < windows.size(); ++i) {
            const std::size_t kept = i == 0 ? std::min(reserved_slots, windows[i].limit - 1) : 0;
            if (within(stamps, windows[i].per, now) + under_way.size() >= windows[i].limit - kept) return false;
        }
        return true;
    }
    bool may_send(instant now, std::size_t reserved_slots) const
    {
        if (!has_room(now, reserved_slots)) return false;
        if (open) return now >= resume && under_way.size() < ramp;
        return probe_out ? now >= std::max(resume, probe_due) : now >= until;
    }
    void send_probe(instant now)
    {
        const duration pause = std::min<duration>(1s, windows[0].per);
        probe_out = true;
        ramp = 1;
        probe_due = closures == 0 ? now + pause : never;
        if (closures != 0) resume = now + pause;
    }
    void forget(instant now)
    {
        const auto old = [&](instant at) { return at < now - windows.back().per * 2; };
        std::erase_if(stamps, old);
        std::erase_if(arrivals, old);
    }
};

/// The limiter and the model of it, which take the same steps.
struct walk
{
    walk(std::vector<rate_window> windows, std::uint64_t seed)
        : limiter(windows)
        , rng(seed)
    {
        rules.windows = std::move(windows);
    }

    void step()
    {
        switch (rng.below(4)) {
        case 0:
            now += rng.between(duration(0), rules.windows[0].per / (1 + static_cast<int>(rng.below(20))));
            break;
        case 1:
            send(rng.chance(0.7) ? 0 : rng.below(rules.windows[0].limit + 3));
            break;
        case 2:
            arrive();
            break;
        default:
            conclude();
        }
        check();
    }

    void send(std::size_t reserved_slots)
    {
        const bool may = rules.may_send(now, reserved_slots);
        const auto next = limiter.next(now, leaving(reserved_slots));
        const auto ticket = limiter.reserve(now, leaving(reserved_slots));
        REQUIRE(ticket.has_value() == may);
        REQUIRE((next <= now) == rules.is_time(now, reserved_slots));
        if (!ticket) return;
        if (!rules.open) rules.send_probe(now);
        rules.under_way.push_back({*ticket, false, rules.closures});
    }

    void arrive()
    {
        if (rules.under_way.empty()) return;
        auto& one = rules.under_way[rng.below(rules.under_way.size())];
        if (one.arrived) return;
        one.arrived = true;
        rules.arrivals.push_back(now);
        for (const auto& window : rules.windows) REQUIRE(rules.within(rules.arrivals, window.per, now) <= window.limit);
    }

    void conclude()
    {
        if (rules.under_way.empty()) return;
        const std::size_t index = rng.below(rules.under_way.size());
        const request one = rules.under_way[index];
        rules.under_way.erase(rules.under_way.begin() + static_cast<std::ptrdiff_t>(index));
        switch (fate_of(one)) {
        case answer::ok:
            return settle(one);
        case answer::refused:
            return refuse(one);
        case answer::unsent:
            return give_back(one);
        case answer::lost:
            return lose(one);
        }
    }

    answer fate_of(const request& one)
    {
        if (rng.chance(0.1)) return answer::lost;
        if (!one.arrived) return answer::unsent;
        return rng.chance(0.05) ? answer::refused : answer::ok;
    }

    void give_back(const request& one)
    {
        limiter.give_back(one.ticket);
        if (one.closures == rules.closures) rules.probe_out = false;
    }

    void lose(const request& one)
    {
        limiter.lose(one.ticket, now);
        rules.stamps.push_back(now);
        if (one.closures == rules.closures) rules.probe_out = false;
    }

    void settle(const request& one)
    {
        limiter.settle(one.ticket, now);
        rules.stamps.push_back(now);
        if (one.closures != rules.closures) return;
        rules.open = true;
        rules.probe_out = false;
        rules.refusals = 0;
        rules.ramp += rules.closures == 0 ? 63 : 1;
    }

    void refuse(const request& one)
    {
        const instant until = now + rng.between(duration(-1s), rules.windows[0].per * 2);
        limiter.refuse(one.ticket, now, until);
        rules.stamps.push_back(now);
        if (one.closures != rules.closures) {
            rules.until = std::max(rules.until, until);
            return;
        }
        ++rules.closures;
        ++rules.refusals;
        rules.open = rules.probe_out = false;
        rules.until = until;
    }

    void check()
    {
        REQUIRE(limiter.in_flight() == rules.under_way.size());
        REQUIRE(limiter.refusals() == rules.refusals);
        const auto next = limiter.next(now);
        REQUIRE(next >= now);
        REQUIRE(next <= std::max({now, rules.until, rules.resume}) + rules.windows.back().per);
        for (const auto& window : rules.windows) REQUIRE(limiter.used(window, now) <= window.limit);
        if (rules.stamps.size() > 200) rules.forget(now);
    }

    /// A request that waits while none is under way goes exactly at the time that was named.
    void nobody_is_parked_for_ever()
    {
        while (!rules.under_way.empty()) conclude();
        const auto at = limiter.next(now);
        REQUIRE(at < never);
        if (at > now) REQUIRE_FALSE(rules.is_time(at - 1ns, 0));
        now = at;
        const auto before = rules.under_way.size();
        send(0);
        REQUIRE(rules.under_way.size() == before + 1);
    }

    struct ruled : model
    {
        /// Only the requests under way keep it from going.
        bool is_time(instant at, std::size_t reserved_slots) const
        {
            return has_room(at, reserved_slots) && at >= (open || probe_out ? resume : until);
        }
    };

    rate_limiter limiter;
    core_test::rng rng;
    ruled rules;
    instant now{std::chrono::hours(1000)};
};

/// One walk from its seed.
void run(const std::vector<rate_window>& windows, std::uint64_t seed, std::size_t length)
{
    CAPTURE(seed);
    walk it(windows, seed);
    for (std::size_t i = 1; i <= length; ++i) {
        it.step();
        if (i % 97 == 0) it.nobody_is_parked_for_ever();
    }
}

}

TEST_CASE("a random walk through the limiter agrees with counting from end to end, at every step")
{
    const std::vector<rate_window> shapes[] = {{{1, 1s}}, {{3, 100ms}}, {{5, 1s}, {20, 10s}}, {{7, 1s}, {7, 5s}},
        {{9, 1s}, {4, 3s}}, {{2, 1s}, {6, 10s}, {30, 100s}}, {{40, 1s}, {50, 2s}}};
    const std::size_t length = steps(3'000, 30'000);
    std::size_t events = 0;
    for (std::uint64_t seed = 1; seed <= 5; ++seed)
        for (const auto& windows : shapes) {
            run(windows, seed, length);
            events += length;
        }
    MESSAGE(events << " events, each followed by a check of every invariant");
}
