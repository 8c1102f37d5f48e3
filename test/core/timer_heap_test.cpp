#include "core/timer_heap.hpp"

#include "core/rng.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

// The heap of timers by cases, and against a sorted map in a random walk.

using namespace std::chrono_literals;
using namespace core_test;
using doks::core::instant;
using doks::core::never;
using doks::core::timer;
using doks::core::timer_heap;

namespace {

const instant start{std::chrono::hours(1000)};

/// A timer that counts its calls, and may act when it is due.
struct probe final : timer
{
    explicit probe(std::function<void(probe&, instant)> then = {})
        : then_due(std::move(then))
    {}
    ~probe() override = default;
    void due(instant now) override
    {
        ++calls;
        if (then_due) then_due(*this, now);
    }

    std::function<void(probe&, instant)> then_due;
    int calls = 0;
};

}

TEST_CASE("an empty heap is due never")
{
    timer_heap heap;
    CHECK(heap.empty());
    CHECK(heap.next() == never);
    heap.run(never);
}

TEST_CASE("timers are called once, in the order in which they are due, and not before")
{
    timer_heap heap;
    std::vector<int> order;
    std::vector<std::unique_ptr<probe>> timers;
    for (int i = 0; i < 5; ++i)
        timers.push_back(std::make_unique<probe>([&order, i](probe&, instant) { order.push_back(i); }));
    const int delays[] = {3, 1, 4, 0, 2};
    for (int i = 0; i < 5; ++i) heap.set(*timers[i], start + std::chrono::seconds(delays[i]));
    CHECK(heap.next() == start);
    heap.run(start - 1ns);
    CHECK(order.empty());
    heap.run(start + 2s);
    CHECK(order == std::vector<int>{3, 1, 4});
    CHECK(heap.next() == start + 3s);
    heap.run(start + 1h);
    heap.run(start + 2h);
    CHECK(order == std::vector<int>{3, 1, 4, 0, 2});
    CHECK(heap.empty());
}

TEST_CASE("a timer knows whether and for when it is armed; setting moves it, clearing twice is harmless")
{
    timer_heap heap;
    probe one;
    CHECK_FALSE(one.armed());
    heap.set(one, start + 5s);
    CHECK(one.armed());
    CHECK(one.at() == start + 5s);
    heap.set(one, start + 1s);
    CHECK(heap.next() == start + 1s);
    heap.set(one, start + 9s);
    CHECK(heap.next() == start + 9s);
    heap.clear(one);
    heap.clear(one);
    CHECK_FALSE(one.armed());
    CHECK(heap.empty());
    heap.run(start + 1h);
    CHECK(one.calls == 0);
}

TEST_CASE("clearing a timer that stands in another heap does nothing")
{
    timer_heap mine, other;
    probe one;
    mine.set(one, start);
    other.clear(one);
    CHECK(one.armed());
    mine.run(start);
    CHECK(one.calls == 1);
}

TEST_CASE("a timer may destroy itself when it is due, and others too")
{
    timer_heap heap;
    std::vector<std::unique_ptr<probe>> timers(100);
    int called = 0;
    for (std::size_t i = 0; i < timers.size(); ++i) {
        timers[i] = std::make_unique<probe>([&timers, &called, i](probe&, instant) {
            ++called;
            timers[(i + 1) % timers.size()].reset();
            auto& all = timers;
            all[i].reset();
        });
        heap.set(*timers[i], start + std::chrono::milliseconds(i));
    }
    heap.run(start + 1s);
    CHECK(called == 50);
    CHECK(heap.empty());
}

TEST_CASE("a timer may arm itself again when it is due; timers that are still due go in the same run")
{
    timer_heap heap;
    probe later([&](probe& self, instant now) { heap.set(self, now + 10s); });
    probe twice([&](probe& self, instant now) {
        if (self.calls < 3) heap.set(self, now);
    });
    heap.set(later, start);
    heap.set(twice, start);
    heap.run(start);
    CHECK(later.calls == 1);
    CHECK(twice.calls == 3);
    CHECK(heap.next() == start + 10s);
    heap.run(start + 10s);
    CHECK(later.calls == 2);
    CHECK(later.at() == start + 20s);
}

TEST_CASE("timer and heap may go in either order")
{
    auto heap = std::make_unique<timer_heap>();
    auto survivor = std::make_unique<probe>();
    {
        probe brief;
        heap->set(brief, start);
        heap->set(*survivor, start + 1s);
    }
    CHECK(heap->next() == start + 1s);
    heap.reset();
    CHECK_FALSE(survivor->armed());
    timer_heap second;
    second.set(*survivor, start);
    second.run(start);
    CHECK(survivor->calls == 1);
}

TEST_CASE("random sets, moves, clears and runs agree with a sorted map")
{
    rng rng(10);
    timer_heap heap;
    std::vector<std::unique_ptr<probe>> timers(200);
    std::vector<std::size_t> fired;
    std::multimap<instant, std::size_t> expected;
    const auto forget = [&](std::size_t which) {
        std::erase_if(expected, [which](const auto& entry) { return entry.second == which; });
    };
    const auto make = [&](std::size_t which) {
        return std::make_unique<probe>([&fired, which](probe&, instant) { fired.push_back(which); });
    };
    for (std::size_t i = 0; i < timers.size(); ++i) timers[i] = make(i);
    instant now = start;
    for (std::size_t i = steps(20'000, 500'000); i != 0; --i) {
        const std::size_t which = rng.below(timers.size());
        const auto choice = rng.below(10);
        if (choice < 6) {
            const instant at = now + rng.between(-5ms, 100ms);
            heap.set(*timers[which], at);
            forget(which);
            expected.emplace(at, which);
        } else if (choice < 8) {
            heap.clear(*timers[which]);
            forget(which);
        } else if (choice < 9) {
            timers[which] = make(which);
            forget(which);
        } else {
            now += rng.between(0ms, 10ms);
            fired.clear();
            heap.run(now);
            const auto due_end = expected.upper_bound(now);
            REQUIRE(fired.size() == static_cast<std::size_t>(std::distance(expected.begin(), due_end)));
            REQUIRE(std::is_sorted(
                fired.begin(), fired.end(), [&](auto a, auto b) { return timers[a]->at() < timers[b]->at(); }));
            for (auto entry = expected.begin(); entry != due_end; ++entry)
                REQUIRE(std::count(fired.begin(), fired.end(), entry->second) == 1);
            expected.erase(expected.begin(), due_end);
        }
        REQUIRE(heap.empty() == expected.empty());
        REQUIRE(heap.next() == (expected.empty() ? never : expected.begin()->first));
    }
}
