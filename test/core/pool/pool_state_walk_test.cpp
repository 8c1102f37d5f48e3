#include "core/pool/pool_state.hpp"

#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <list>
#include <map>
#include <memory>
#include <set>
#include <vector>

// The pool's state in a random walk against a model that keeps every caller and connection in plain lists.

using namespace std::chrono_literals;
using namespace core_test;
using doks::core::duration;
using doks::core::instant;
using doks::core::pool_state;
using doks::core::pool_waiter;

namespace {

/// A caller of the walk.
struct waiter : pool_waiter
{};

/// A pool around the state, as a driver would be one, that keeps its own lists and compares.
struct walk
{
    walk(std::size_t cap, duration keep_alive, std::uint64_t seed)
        : bounds{cap, keep_alive}
        , state(bounds)
        , rng(seed)
    {}
    ~walk()
    {
        for (auto& each : waiting) state.withdraw(*each);
    }

    void step()
    {
        switch (rng.below(8)) {
        case 0:
        case 1:
            acquire(rng.chance(0.15));
            break;
        case 2:
            withdraw();
            break;
        case 3:
            rng.chance(0.8) ? open_succeeds() : open_fails();
            break;
        case 4:
        case 5:
            release(rng.chance(0.9));
            break;
        case 6:
            now += rng.between(duration(0), bounds.keep_alive / 4);
            break;
        default:
            if (rng.chance(0.02)) close_idle();
        }
        open_more();
        check();
    }

    void acquire(bool fresh)
    {
        if (!fresh) {
            const auto top = idle.empty() ? 0 : idle.back();
            const auto found = state.take_idle(now);
            discard();
            const bool young = top != 0 && now - since[top] < bounds.keep_alive;
            REQUIRE(found.has_value() == young);
            if (found) return use_idle(*found, top);
        }
        const auto behind =
            fresh ? std::find_if(waiting.begin(), waiting.end(), [](const auto& each) { return !each->wants_fresh; })
                  : waiting.end();
        const auto who = waiting.insert(behind, std::make_unique<waiter>());
        (*who)->wants_fresh = fresh;
        state.enqueue(**who);
    }

    /// The pool gives the idle connection that was used last.
    void use_idle(pool_state::id found, pool_state::id top)
    {
        REQUIRE(found == top);
        idle.pop_back();
        busy.insert(found);
    }

    void withdraw()
    {
        if (waiting.empty()) return;
        const auto who = std::next(waiting.begin(), static_cast<std::ptrdiff_t>(rng.below(waiting.size())));
        state.withdraw(**who);
        waiting.erase(who);
    }

    void open_succeeds()
    {
        if (opening == 0) return;
        --opening;
        ++last;
        served(state.opened(last, now), last, true);
    }

    void open_fails()
    {
        if (opening == 0) return;
        --opening;
        pool_waiter* const told = state.open_failed();
        REQUIRE(told == (waiting.empty() ? nullptr : waiting.front().get()));
        if (told) waiting.pop_front();
    }

    void release(bool reusable)
    {
        if (busy.empty()) return;
        const auto which = *std::next(busy.begin(), static_cast<std::ptrdiff_t>(rng.below(busy.size())));
        busy.erase(which);
        const bool claimed = !waiting.empty() && waiting.front()->wants_fresh && opening == 0;
        const auto next = state.released(which, reusable, now);
        REQUIRE(next.close == (!reusable || claimed));
        if (next.close)
            REQUIRE(next.to == nullptr);
        else
            served(next.to, which, false);
    }

    /// The first waiter that the connection is good enough for, if there is one.
    void served(pool_waiter* who, pool_state::id which, bool fresh)
    {
        const auto first =
            std::find_if(waiting.begin(), waiting.end(), [&](const auto& each) { return fresh || !each->wants_fresh; });
        REQUIRE(who == (first == waiting.end() ? nullptr : first->get()));
        if (who) {
            waiting.erase(first);
            busy.insert(which);
        } else {
            idle.push_back(which);
            since[which] = now;
        }
    }

    void open_more()
    {
        while (state.begin_open()) {
            ++opening;
            REQUIRE(opening <= waiting.size());
        }
        discard();
    }

    void discard()
    {
        for (const auto which : state.discarded()) {
            REQUIRE(std::erase(idle, which) == 1);
            since.erase(which);
        }
    }

    void close_idle()
    {
        while (const auto oldest = state.take_oldest_idle()) {
            REQUIRE(*oldest == idle.front());
            idle.erase(idle.begin());
            since.erase(*oldest);
        }
    }

    void check()
    {
        REQUIRE(state.connections() <= bounds.connections);
        REQUIRE(state.connections() == opening + busy.size() + idle.size());
        REQUIRE(state.idle() == idle.size());
        REQUIRE(state.waiting() == waiting.size());
        if (waiting.empty()) return;
        REQUIRE(opening + busy.size() > 0);
        REQUIRE((idle.empty() ||
                 std::all_of(waiting.begin(), waiting.end(), [](const auto& each) { return each->wants_fresh; })));
    }

    /// No more callers come; those at work go on.
    void everybody_is_served_in_the_end()
    {
        for (std::size_t left = 10 * (waiting.size() + bounds.connections); !waiting.empty() && left != 0; --left) {
            opening != 0 && rng.chance(0.5) ? open_succeeds() : release(true);
            open_more();
            check();
        }
        REQUIRE(waiting.empty());
    }

    pool_state::limits bounds;
    pool_state state;
    core_test::rng rng;
    instant now{std::chrono::hours(1000)};
    std::list<std::unique_ptr<waiter>> waiting;
    std::vector<pool_state::id> idle;
    std::map<pool_state::id, instant> since;
    std::set<pool_state::id> busy;
    std::size_t opening = 0;
    pool_state::id last = 0;
};

}

TEST_CASE("a random walk through the pool's state keeps its promises at every step")
{
    const std::size_t length = steps(10'000, 100'000);
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        CAPTURE(seed);
        walk it(1 + seed * seed / 4, seed % 3 == 0 ? 10ms : 90s, seed);
        for (std::size_t i = 1; i <= length; ++i) {
            it.step();
            if (i % 1'000 == 0) it.everybody_is_served_in_the_end();
        }
    }
}
