#include "api/policy/policy_bench.hpp"
#include "support/long_form.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <future>
#include <random>
#include <vector>

// Laws of `|` over random stacks, doks' policies and a user's mixed: to any depth, by any path of composition.

namespace doks::test {

/// An operation that fails, stalls or succeeds by a script; it heeds cancellation. A policy in a header
/// keeps it, so it cannot be of the anonymous namespace.
struct scripted_work
{
    asio::awaitable<int> operator()()
    {
        const auto number = static_cast<std::size_t>((*calls)++);
        if (number >= script.size() || script[number] == 'o') co_return static_cast<int>(number);
        if (script[number] == 't') throw system_error(asio::error::connection_reset);
        if (script[number] == 'p') throw system_error(http_error(403));
        auto on = co_await asio::this_coro::executor;
        asio::steady_timer stalled(on, asio::steady_timer::time_point::max());
        co_await stalled.async_wait(asio::use_awaitable);
        co_return -1;
    }
    std::string script;
    std::shared_ptr<std::atomic<int>> calls = std::make_shared<std::atomic<int>>(0);
};

namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int fewer = 10;
#else
constexpr int fewer = 1;
#endif

/// How often; a hundred thousand where DOKS_LONG is set.
int rounds(int usual) { return is_long() ? 100'000 : usual / fewer; }

/// What an application of a stack did; by it two stacks are compared.
struct story
{
    std::string outcome;
    int attempts = 0;
    core::duration took{};
    bool operator==(const story&) const = default;
};

using rng = std::mt19937_64;
std::size_t below(rng& from, std::size_t bound)
{
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(from);
}

/// A policy of a random kind, with bounds around `unit`.
policy random_policy(rng& from, std::chrono::milliseconds unit)
{
    switch (below(from, 4)) {
    case 0:
        return timeout(unit * (5 + below(from, 20)));
    case 1:
        return attempt_timeout(unit * (1 + below(from, 5)));
    case 2:
        return retry(attempts(static_cast<unsigned>(1 + below(from, 3))), constant_backoff(unit * below(from, 3)));
    default:
        return retry(attempts(2), retry_on(condition::transient, condition::timeout), constant_backoff(unit));
    }
}

std::string random_script(rng& from)
{
    std::string script;
    for (std::size_t i = below(from, 6); i != 0; --i) script += "tttsp"[below(from, 5)];
    return script;
}

template <class Policy> story told(bench& it, const Policy& around, const std::string& script)
{
    scripted_work work{script};
    const auto began = it.time->steady_now();
    story seen;
    try {
        seen.outcome = std::to_string(it.run(around(work)));
    } catch (const failure& why) {
        seen.outcome =
            std::string(why.stopped_by()) + '/' + std::to_string(why.attempts()) + '/' + why.code().message();
    } catch (const system_error& error) {
        seen.outcome = error.code().message();
    }
    seen.attempts = *work.calls;
    seen.took = it.time->steady_now() - began;
    return seen;
}

}

TEST_CASE("composition is associative, with a user's policies in between or without")
{
    rng from(7);
    bench it;
    const int count = rounds(6'000);
    for (int round = 0; round < count; ++round) {
        CAPTURE(round);
        const auto a = it.timed(random_policy(from, 10ms)), b = it.timed(random_policy(from, 10ms)),
                   c = it.timed(random_policy(from, 10ms));
        const transparent u;
        const auto script = random_script(from);
        if (script.find('s') != std::string::npos) continue; // would stall where no bound is
        REQUIRE(told(it, (a | b) | c, script) == told(it, a | (b | c), script));
        REQUIRE(told(it, (a | u) | b, script) == told(it, a | (u | b), script));
        REQUIRE(told(it, (u | a) | b, script) == told(it, u | (a | b), script));
        REQUIRE(told(it, (u | u) | a, script) == told(it, u | (u | a), script));
        REQUIRE(told(it, a | u, script).attempts == told(it, it.timed(a), script).attempts);
    }
    MESSAGE(count << " random triples");
}

TEST_CASE("no attempt begins after the deadline, whatever stands inside it")
{
    rng from(11);
    bench it;
    const int count = rounds(3'000);
    for (int round = 0; round < count; ++round) {
        CAPTURE(round);
        const auto inner = random_policy(from, 10ms) | random_policy(from, 10ms) | random_policy(from, 10ms);
        const auto bound = 10ms * (1 + below(from, 8));
        const auto seen = told(it, it.timed(timeout(bound) | inner), random_script(from));
        REQUIRE(seen.took <= bound);
    }
    MESSAGE(count << " random stacks under a deadline");
}

namespace {

/// Many applications on a pool: each completes once, whatever cuts it off and when.
struct crowd
{
    explicit crowd(int of)
        : left(of)
    {}
    auto counted()
    {
        return [this](const std::exception_ptr&, int) {
            ++completions;
            if (--left == 0) all_done.set_value();
        };
    }
    void wait()
    {
        auto done = all_done.get_future();
        REQUIRE(done.wait_for(120s) == std::future_status::ready);
    }
    std::atomic<int> left;
    std::atomic<int> completions{0};
    std::promise<void> all_done;
};

/// A deep stack by the real clock, its bounds of the same size as its pauses.
auto random_deep(rng& from)
{
    const auto unit = std::chrono::milliseconds(1 + below(from, 3));
    return timeout(unit * (1 + below(from, 10))) | random_policy(from, unit) | transparent() |
           random_policy(from, unit) | transparent() | random_policy(from, unit);
}

}

TEST_CASE("on a pool of four threads with no strand around the caller every stack completes once")
{
    asio::thread_pool pool(4);
    rng from(13);
    const int count = rounds(20'000);
    crowd all(count);
    for (int i = 0; i < count; ++i)
        asio::co_spawn(pool, random_deep(from)(scripted_work{random_script(from)}), all.counted());
    all.wait();
    pool.join();
    CHECK(all.completions == count);
    MESSAGE(count << " stacks on four threads: one completion each");
}

TEST_CASE("a caller that cancels at a random moment hears exactly once, from every depth")
{
    asio::thread_pool pool(4);
    rng from(17);
    const int count = rounds(10'000);
    crowd all(count);
    struct caller
    {
        explicit caller(asio::thread_pool& of)
            : strand(asio::make_strand(of.get_executor()))
        {}
        asio::strand<asio::thread_pool::executor_type> strand;
        asio::cancellation_signal signal;
    };
    std::vector<std::unique_ptr<caller>> callers;
    for (int i = 0; i < count; ++i) callers.push_back(std::make_unique<caller>(pool));
    for (const auto& each : callers)
        asio::co_spawn(each->strand, random_deep(from)(scripted_work{random_script(from)}),
            asio::bind_cancellation_slot(each->signal.slot(), asio::bind_executor(each->strand, all.counted())));
    for (const auto& each : callers)
        if (below(from, 3) != 0)
            asio::post(each->strand, [which = each.get()] { which->signal.emit(asio::cancellation_type::terminal); });
    all.wait();
    pool.join();
    CHECK(all.completions == count);
    MESSAGE(count << " callers that cancelled at random: one completion each");
}

}
