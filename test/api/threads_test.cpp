#include "api/simulator_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <memory>
#include <random>

// One client, driven by four threads without a strand around its callers.

namespace doks::test {

namespace {

/// Outcomes of calls, counted by several threads.
struct tally
{
    std::atomic<std::size_t> good{0};
    std::atomic<std::size_t> cancelled{0};
    std::atomic<std::size_t> other{0};

    void add(const result<kubeconfig>& got, const std::string& asked)
    {
        if (got)
            (got->cluster_id() == asked && got->current().server.ends_with(asked) ? good : other) += 1;
        else
            (got.error() == condition::cancelled ? cancelled : other) += 1;
    }
    std::size_t all() const { return good + cancelled + other; }
};

asio::awaitable<void> call_again_and_again(client with, std::vector<std::string> ids, std::size_t times, tally& into)
{
    for (std::size_t i = 0; i < times; ++i) {
        const std::string& id = ids[i % ids.size()];
        auto got = co_await with.try_kubeconfig(id);
        into.add(got, id);
    }
}

/// A call that is cancelled at some moment, by a strand of its own that its handler runs on too.
class fickle_call : public std::enable_shared_from_this<fickle_call>
{
public:
    fickle_call(asio::io_context& on, tally& into)
        : strand_(asio::make_strand(on))
        , timer_(strand_)
        , into_(into)
    {}

    void start(const client& with, const std::string& id, std::chrono::microseconds patience)
    {
        asio::post(strand_, [self = shared_from_this(), with, id, patience] { self->begin(with, id, patience); });
    }
    unsigned completions() const { return completions_; }

private:
    void begin(const client& with, const std::string& id, std::chrono::microseconds patience)
    {
        auto done = [self = shared_from_this(), id](const result<kubeconfig>& got) {
            ++self->completions_;
            self->into_.add(got, id);
            self->timer_.cancel();
        };
        with.try_kubeconfig(
            id, {}, asio::bind_cancellation_slot(signal_.slot(), asio::bind_executor(strand_, std::move(done))));
        timer_.expires_after(patience);
        timer_.async_wait([self = shared_from_this()](
                              boost::system::error_code) { self->signal_.emit(asio::cancellation_type::terminal); });
    }

    asio::strand<asio::io_context::executor_type> strand_;
    asio::steady_timer timer_;
    asio::cancellation_signal signal_;
    tally& into_;
    std::atomic<unsigned> completions_{0};
};

}

TEST_CASE("four threads call one client thousands of times without a strand around the callers")
{
    simulator_fixture fixture(unlimited(50));
    const auto client = fixture.client();
    tally seen;
    constexpr std::size_t callers = 40;
    const auto times = many(100);
    for (std::size_t i = 0; i < callers; ++i)
        asio::co_spawn(
            fixture.context, call_again_and_again(client, fixture.api.cluster_ids(), times, seen), asio::detached);
    fixture.run_dry_on_four_threads();
    CHECK(seen.good == callers * times);
    CHECK(seen.all() == callers * times);
    CHECK(fixture.api.counts().minted == callers * times);
    CHECK(fixture.api.counts().connections <= 64);
}

TEST_CASE(
    "calls from four threads, each cancelled at a random moment: exactly one completion each, and the client goes on")
{
    auto how = unlimited(50);
    how.latency = {0ms, 4ms};
    how.faults = sim::parse_faults("reset-before=3%,truncate=3%,close-after=3%");
    simulator_fixture fixture(how);
    auto config = fixture.config();
    config.connections = 8;
    const client client(fixture.context.get_executor(), config);
    const auto ids = fixture.api.cluster_ids();
    tally seen;
    std::mt19937 rng(7);
    std::vector<std::shared_ptr<fickle_call>> calls;
    for (std::size_t round = 0; round < 4; ++round) {
        const auto before = calls.size();
        for (std::size_t i = 0; i < many(500); ++i) {
            calls.push_back(std::make_shared<fickle_call>(fixture.context, seen));
            const auto patience = std::chrono::microseconds(rng() % 8 == 0 ? 0 : rng() % (1000 * slowness * 250));
            calls.back()->start(client, ids[i % ids.size()], patience);
        }
        fixture.run_dry_on_four_threads();
        CHECK(seen.all() == calls.size());
        for (auto i = before; i < calls.size(); ++i) CHECK(calls[i]->completions() == 1);
    }
    CHECK(seen.other == 0);
    CHECK(seen.cancelled > 0);
    CHECK(seen.good > 0);
    MESSAGE(seen.all() << " calls, " << seen.cancelled.load() << " cancelled in time: one completion each");

    fixture.api.set_faults({});
    tally after;
    asio::co_spawn(fixture.context, call_again_and_again(client, ids, 50, after), asio::detached);
    fixture.run_dry_on_four_threads();
    CHECK(after.good == 50);
}

TEST_CASE("bulks, calls, tokens and drain at once on four threads")
{
    const auto count = many(300);
    simulator_fixture fixture(unlimited(count));
    const auto base = fixture.client();
    const auto ids = fixture.api.cluster_ids();
    std::vector<bulk> bulks;
    for (const std::string label : {"a", "b", "c"})
        bulks.push_back(base.with(token(fixture.api.add_token({.label = label})), label).kubeconfigs(ids));
    std::atomic<std::size_t> outcomes{0};
    const auto read = [&](bulk& from) -> asio::awaitable<void> {
        while (auto item = co_await from.next()) outcomes += item->outcome.has_value();
    };
    for (auto& each : bulks) asio::co_spawn(fixture.context, read(each), asio::detached);
    tally seen;
    for (int i = 0; i < 8; ++i)
        asio::co_spawn(fixture.context, call_again_and_again(base, ids, many(50), seen), asio::detached);
    const auto watch = [&]() -> asio::awaitable<void> {
        asio::steady_timer pause(co_await asio::this_coro::executor);
        while (bulks[0].summary().done() < count || bulks[1].summary().done() < count ||
               bulks[2].summary().done() < count) {
            pause.expires_after(1ms);
            co_await pause.async_wait(asio::use_awaitable);
        }
        co_await base.drain(30s);
    };
    asio::co_spawn(fixture.context, watch(), asio::detached);
    fixture.run_dry_on_four_threads();
    CHECK(outcomes == 3 * count);
    CHECK(seen.all() == 8 * many(50));
    CHECK(seen.good + seen.cancelled == seen.all());
}

TEST_CASE("drain in the middle of it all: every call has one outcome, and then nothing is left")
{
    simulator_fixture fixture(unlimited(50));
    fixture.api.set_latency({1ms, 10ms});
    const auto client = fixture.client();
    tally seen;
    for (int i = 0; i < 40; ++i)
        asio::co_spawn(
            fixture.context, call_again_and_again(client, fixture.api.cluster_ids(), 20, seen), asio::detached);
    std::atomic<unsigned> drained{0};
    const auto end = [&]() -> asio::awaitable<void> {
        asio::steady_timer pause(co_await asio::this_coro::executor, 50ms);
        co_await pause.async_wait(asio::use_awaitable);
        co_await client.drain(5ms);
        ++drained;
    };
    for (int i = 0; i < 4; ++i) asio::co_spawn(fixture.context, end(), asio::detached);
    fixture.run_dry_on_four_threads();
    CHECK(drained == 4);
    CHECK(seen.all() == 800);
    CHECK(seen.other == 0);
}

}
