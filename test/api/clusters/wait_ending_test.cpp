#include "api/clusters/waiting.hpp"

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>

// A wait for a cluster that runs out of quota, is cancelled, drained, or loses its context.

namespace doks::test {

namespace {

scripted_answer provisioning(core::duration) { return cluster_in("provisioning"); }

/// Cancels the wait once `when` has passed; it must end at once, and once.
void check_cancelled(new_cluster& it, core::duration when)
{
    it.world.run_for(when);
    REQUIRE(it.completions == 0);
    it.signal.emit(boost::asio::cancellation_type::total);
    it.signal.emit(boost::asio::cancellation_type::terminal);
    it.world.run_for(1ms);
    REQUIRE(it.completions == 1);
    CHECK(it.why() == condition::cancelled);
    CHECK(it.why().code() == boost::asio::error::operation_aborted);
    CHECK(it.why().why_stopped() == stop_reason::cancelled);
    CHECK(it.ended <= when + 1ms);
    const auto looks = it.looks.size();
    it.world.run();
    CHECK(it.completions == 1);
    CHECK(it.looks.size() == looks);
}

}

TEST_CASE("a wait goes through the rate gate: its looks take their slots and no more")
{
    new_cluster it([](core::duration since) { return cluster_in(since < 5min ? "provisioning" : "running"); });
    auto how = it.world.config();
    how.rate_limit = {{1, 1min}};
    it.wait(how);
    it.run();
    it.check_ready("running");
    CHECK(it.looks.size() <= 7);
    for (std::size_t i = 1; i < it.looks.size(); ++i) CHECK(it.looks[i] - it.looks[i - 1] >= 1min);
}

TEST_CASE("a 429 during a wait is waited out as long as the API asks")
{
    std::optional<core::duration> refused;
    new_cluster it([&](core::duration since) {
        if (since < 20s) return cluster_in("provisioning");
        if (!refused) {
            refused = since;
            return scripted_answer{http_answer(429, "{}", "Retry-After: 70\r\n")};
        }
        return cluster_in("running");
    });
    it.wait(it.world.config());
    it.run();
    it.check_ready("running");
    REQUIRE(refused);
    CHECK(it.looks.back() - *refused >= 70s);
}

TEST_CASE("a wait whose deadline leaves no quota for another look has timed out, and says when there is some")
{
    new_cluster it(provisioning);
    auto how = it.world.config();
    how.rate_limit = {{1, 1h}};
    it.wait(how, {.timeout = 10min});
    it.run();
    CHECK(it.why() == condition::timeout);
    CHECK(it.why().phase() == "quota");
    CHECK(it.why().last_cause() == errc::quota_exhausted);
    CHECK(it.why().retry_after() > 50min);
    CHECK(it.why().message().find("last seen provisioning") != std::string::npos);
    CHECK(it.looks.size() == 1);
}

TEST_CASE("a wait that has no quota for its first look is throttled")
{
    new_cluster it(provisioning);
    auto how = it.world.config();
    how.rate_limit = {{1, 1h}};
    const auto client = it.world.client(how);
    client.cluster(new_id, {}, [](std::exception_ptr, const cluster&) {});
    it.world.run_for(1s);
    it.wait_with(client, {.timeout = 1min});
    it.run();
    CHECK(it.why() == condition::throttled);
    CHECK(it.ended <= 1s + 5ms);
}

TEST_CASE("a wait is cancelled while the token is fetched")
{
    new_cluster it(provisioning);
    boost::asio::steady_timer never(it.world.context, (std::chrono::steady_clock::time_point::max)());
    auto how = it.world.config();
    how.token = token_coroutine([&]() -> boost::asio::awaitable<secret> {
        co_await never.async_wait(boost::asio::use_awaitable);
        co_return secret("late");
    });
    it.wait(how);
    check_cancelled(it, 2s);
}

TEST_CASE("a wait is cancelled while a connection is made")
{
    new_cluster it(provisioning);
    it.world.network->slow_dials(1h);
    it.wait(it.world.config());
    check_cancelled(it, 1s);
}

TEST_CASE("a wait is cancelled before the first byte")
{
    new_cluster it(silence);
    it.wait(it.world.config());
    check_cancelled(it, 1s);
}

TEST_CASE("a wait is cancelled while it waits for quota")
{
    new_cluster it(provisioning);
    auto how = it.world.config();
    how.rate_limit = {{1, 10min}};
    it.wait(how);
    check_cancelled(it, 1min);
    CHECK(it.why().phase() == "quota");
}

TEST_CASE("a wait is cancelled within a retry's pause")
{
    new_cluster it([](core::duration) { return scripted_answer{http_answer(503, "{}", "Retry-After: 30\r\n")}; });
    it.wait(it.world.config());
    check_cancelled(it, 10s);
}

TEST_CASE("a wait is cancelled between two looks")
{
    for (const core::duration when : {core::duration(1s), core::duration(2min)}) {
        new_cluster it(provisioning);
        it.wait(it.world.config());
        check_cancelled(it, when);
        CHECK(it.why().message().find("last seen provisioning") != std::string::npos);
    }
}

TEST_CASE("a wait that is cancelled before it began, or after it ended, completes once")
{
    new_cluster it([](core::duration) { return cluster_in("running"); });
    it.wait(it.world.config());
    it.signal.emit(boost::asio::cancellation_type::terminal);
    it.run();
    CHECK(it.why() == condition::cancelled);
    it.signal.emit(boost::asio::cancellation_type::terminal);
    it.world.run();
    CHECK(it.completions == 1);
}

TEST_CASE("a drain ends a wait by its bound, or with the look that comes first")
{
    new_cluster it(provisioning);
    it.wait(it.world.config());
    it.world.run_for(2min);
    bool drained = false;
    it.waiting->drain(1s, [&] { drained = true; });
    it.world.run_for(2s);
    CHECK(drained);
    REQUIRE(it.completions == 1);
    CHECK(it.why() == errc::draining);
}

TEST_CASE("a context that is destroyed discards a wait, between two looks and within one")
{
    for (const auto& tells : {new_cluster::story(provisioning), new_cluster::story(silence)}) {
        const auto witness = std::make_shared<int>(0);
        {
            new_cluster it(tells);
            it.world.client(it.world.config()).wait_ready(new_id, {}, [witness](std::exception_ptr, const cluster&) {
                ++*witness;
            });
            it.world.run_for(1s);
            CHECK(witness.use_count() > 1);
        }
        CHECK(witness.use_count() == 1);
        CHECK(*witness == 0);
    }
}

TEST_CASE("the last handle of a client may go while a call waits")
{
    new_cluster it([](core::duration since) { return cluster_in(since < 1min ? "provisioning" : "running"); });
    it.wait(it.world.config());
    it.waiting.reset();
    it.run();
    it.check_ready("running");
}

}
