#include "net/quota/rate_gate.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <random>
#include <thread>
#include <vector>

// One shared limiter under many threads, on a clock that they move themselves.

using namespace std::chrono_literals;
using doks::core::priority;
using doks::core::rate_limiter;
using doks::net::shared_limiter;

namespace {

/// One thread's requests: each is admitted or not, and ends somehow.
class hammer
{
public:
    hammer(shared_limiter& on, std::atomic<std::int64_t>& clock, std::atomic<std::size_t>& sent, unsigned seed)
        : limiter_(on)
        , clock_(clock)
        , sent_(sent)
        , from_(seed)
    {}

    void strike()
    {
        const auto now = tick();
        const rate_limiter::terms on{from_() % 2 == 0 ? priority::single : priority::bulk, from_() % 20};
        const auto ticket = limiter_.with([&](auto& it) { return it.reserve(now, on); });
        if (!ticket) return;
        ++sent_;
        doks::core::response_hints said;
        said.rate_limit.limit = 5000;
        said.rate_limit.remaining = from_() % 5001;
        said.rate_limit.reset = std::chrono::system_clock::time_point(1h);
        const rate_limiter::arrival at{tick(), std::chrono::system_clock::time_point(59min), 0.5};
        limiter_.with([&](auto& it) { end(it, *ticket, said, at); });
    }

private:
    /// Time that goes on for all threads alike.
    doks::core::instant tick() { return doks::core::instant(1000h + std::chrono::microseconds(clock_ += 500)); }

    void end(rate_limiter& it, const rate_limiter::ticket& ticket, const doks::core::response_hints& said,
        const rate_limiter::arrival& at)
    {
        switch (from_() % 40) {
        case 0:
            return it.refuse(ticket, at.now, at.now + 10ms);
        case 1:
            return it.lose(ticket, at.now);
        case 2:
            return it.give_back(ticket);
        case 3:
            return it.settle(ticket, said, at);
        default:
            return it.settle(ticket, at.now);
        }
    }

    shared_limiter& limiter_;
    std::atomic<std::int64_t>& clock_;
    std::atomic<std::size_t>& sent_;
    std::minstd_rand from_;
};

}

TEST_CASE("sixteen threads on one limiter: every ticket comes back, and no window is passed")
{
    constexpr int threads = 16;
    constexpr int strikes = 10'000;
    shared_limiter limiter(doks::digitalocean_limits());
    std::atomic<std::int64_t> clock{0};
    std::atomic<std::size_t> sent{0};
    std::vector<std::thread> all;
    for (unsigned i = 0; i < threads; ++i)
        all.emplace_back([&, i] {
            hammer one(limiter, clock, sent, i + 1);
            for (int n = 0; n < strikes; ++n) one.strike();
        });
    for (auto& each : all) each.join();
    limiter.with([&](auto& it) {
        CHECK(it.in_flight() == 0);
        const doks::core::instant now(1000h + std::chrono::microseconds(clock));
        for (const auto& window : doks::digitalocean_limits()) CHECK(it.used(window, now) <= window.limit);
    });
    CHECK(sent > 0);
    MESSAGE((threads * strikes) << " requests asked for by 16 threads, " << sent.load() << " admitted");
}
