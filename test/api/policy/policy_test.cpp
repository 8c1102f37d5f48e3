#include "api/policy/policy_bench.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>

#include <functional>
#include <system_error>

// Each policy around coroutines of the test, in virtual time: what it throws, waits for, cancels.

namespace doks::test {

namespace {

/// The failure that the work throws.
template <class Work> failure thrown_by(Work work)
{
    try {
        work();
    } catch (const failure& why) {
        return why;
    }
    FAIL("nothing was thrown");
    return {};
}

std::string field_refused(const std::function<void()>& make)
{
    const auto why = thrown_by(make);
    CHECK(why == condition::invalid);
    return why.message();
}

}

TEST_CASE("constructors of policies validate and name the field")
{
    CHECK(field_refused([] { attempts(0); }).find("attempts") != std::string::npos);
    CHECK(field_refused([] { timeout(0s); }).find("timeout") != std::string::npos);
    CHECK(field_refused([] { timeout(-1s); }).find("timeout") != std::string::npos);
    CHECK(field_refused([] { attempt_timeout(-1ns); }).find("attempt_timeout") != std::string::npos);
    CHECK(field_refused([] { full_jitter(0s, 1s); }).find("base") != std::string::npos);
    CHECK(field_refused([] { full_jitter(2s, 1s); }).find("cap") != std::string::npos);
    CHECK(field_refused([] { constant_backoff(-1ms); }).find("constant") != std::string::npos);
    CHECK_NOTHROW(constant_backoff(0s));
    CHECK_NOTHROW(full_jitter(1s, 1s));
}

TEST_CASE("retry makes the attempts that it is given, and the last exception comes out unchanged")
{
    bench it;
    const auto three = it.timed(retry(attempts(3), constant_backoff(1s)));
    CHECK(it.run(three(flaky{2})) == 3);
    flaky hopeless{9};
    const auto began = it.time->steady_now();
    CHECK_THROWS_WITH_AS(it.run(three(hopeless)), doctest::Contains("Connection reset by peer"), system_error);
    CHECK(*hopeless.calls == 3);
    CHECK(it.time->steady_now() - began == 2s);
}

TEST_CASE("a failure that is not likely to pass is not retried, unless a condition says so")
{
    bench it;
    flaky missing{1, http_error(404)};
    CHECK_THROWS_AS(it.run(it.timed(retry())(missing)), system_error);
    CHECK(*missing.calls == 1);
    const auto patient = it.timed(retry(retry_on(condition::not_found, condition::transient), constant_backoff(1s)));
    CHECK(it.run(patient(flaky{1, http_error(404)})) == 2);
    CHECK(it.run(patient(flaky{1})) == 2);
}

TEST_CASE("a server's hint is waited for, and a longer one than the deadline ends the call at once")
{
    bench it;
    struct hinted
    {
        asio::awaitable<void> operator()()
        {
            if (++*calls > 1) co_return;
            failure_record record;
            record.code = http_error(503);
            record.retry_after = 7s;
            throw failure(std::move(record));
        }
        std::shared_ptr<int> calls = std::make_shared<int>(0);
    };
    const auto began = it.time->steady_now();
    it.run(it.timed(retry(constant_backoff(1s)))(hinted()));
    CHECK(it.time->steady_now() - began >= 7s);
    CHECK(it.time->steady_now() - began <= 8s);
    const auto later = it.time->steady_now();
    const auto why = thrown_by([&] { it.run(it.timed(timeout(5s) | retry(constant_backoff(1s)))(hinted())); });
    CHECK(why.code() == http_error(503));
    CHECK(it.time->steady_now() == later);
}

TEST_CASE("a deadline cuts the attempt off and says so; an attempt_timeout lets retry go on")
{
    bench it;
    slow first;
    const auto why = thrown_by([&] { it.run(it.timed(timeout(3s))(first)); });
    CHECK(why.code() == errc::timed_out);
    CHECK(why.stopped_by() == "timeout");
    CHECK(why.why_stopped() == stop_reason::deadline);
    CHECK(why.attempts() == 1);
    CHECK(why.elapsed() == 3s);
    slow second;
    const auto tried =
        thrown_by([&] { it.run(it.timed(retry(attempts(4), constant_backoff(1s)) | attempt_timeout(2s))(second)); });
    CHECK(tried.code() == errc::timed_out);
    CHECK(tried.stopped_by() == "retry");
    CHECK(tried.why_stopped() == stop_reason::exhausted);
    CHECK(tried.attempts() == 4);
    CHECK(tried.elapsed() == 4 * 2s + 3 * 1s);
    CHECK(*second.calls == 4);
    const auto alone = thrown_by([&] { it.run(it.timed(attempt_timeout(2s))(slow())); });
    CHECK(alone.stopped_by() == "attempt_timeout");
}

TEST_CASE("the last cause is told where the deadline ends a later attempt")
{
    bench it;
    struct then_slow
    {
        asio::awaitable<int> operator()()
        {
            if (++*calls == 1) throw system_error(asio::error::connection_refused);
            return rest();
        }
        slow rest;
        std::shared_ptr<int> calls = std::make_shared<int>(0);
    };
    const auto why = thrown_by([&] { it.run(it.timed(timeout(10s) | retry(constant_backoff(1s)))(then_slow())); });
    CHECK(why.code() == errc::timed_out);
    CHECK(why.last_cause() == asio::error::connection_refused);
    CHECK(why.attempts() == 2);
    CHECK(why.message().find("Connection refused") != std::string::npos);
}

TEST_CASE("void, move-only and result values go through")
{
    bench it;
    struct nothing
    {
        asio::awaitable<void> operator()() { co_return; }
    };
    struct unique
    {
        asio::awaitable<std::unique_ptr<int>> operator()() { co_return std::make_unique<int>(7); }
    };
    struct outcome
    {
        asio::awaitable<result<int>> operator()()
        {
            if (++*calls > failures) co_return *calls;
            failure_record record;
            record.code = http_error(502);
            co_return failure(std::move(record));
        }
        int failures = 0;
        std::shared_ptr<int> calls = std::make_shared<int>(0);
    };
    const auto some = it.timed(timeout(1min) | retry(attempts(3), constant_backoff(1s)) | attempt_timeout(5s));
    it.run(some(nothing()));
    CHECK(*it.run(some(unique())) == 7);
    CHECK(it.run(some(outcome{2})).value() == 3);
    const auto failed = it.run(some(outcome{5}));
    REQUIRE(!failed);
    CHECK(failed.error().code() == http_error(502));
    struct slow_outcome
    {
        asio::awaitable<result<int>> operator()()
        {
            auto got = co_await slow()();
            co_return got;
        }
    };
    const auto late = it.run(it.timed(timeout(2s))(slow_outcome()));
    REQUIRE(!late);
    CHECK(late.error().stopped_by() == "timeout");
}

TEST_CASE("a budget is shared by those who hold it, and ends retries when it is used up")
{
    bench it;
    retry_budget shared;
    const auto one = it.timed(retry(shared, constant_backoff(1ms), attempts(1000)));
    flaky hopeless{1 << 30};
    CHECK_THROWS_AS(it.run(one(hopeless)), system_error);
    CHECK(*hopeless.calls == 1 + 500 / 14);
    flaky other{1};
    CHECK_THROWS_AS(it.run(it.timed(retry(shared))(other)), system_error);
    CHECK(*other.calls == 1);
    CHECK(it.run(it.timed(retry())(flaky{1})) == 2);
}

TEST_CASE("a user's policy composes like those of doks, at any place")
{
    bench it;
    counted outside, inside;
    const auto tries = it.timed(retry(attempts(4), constant_backoff(1s)));
    CHECK(it.run((outside | tries | inside)(flaky{2})) == 3);
    CHECK(*outside.entered == 1);
    CHECK(*inside.entered == 3);
    CHECK(it.run((inside | outside)(flaky{0})) == 1);
    CHECK(it.run((tries | inside | outside | tries)(flaky{1})) == 2);
    CHECK(*inside.entered == *inside.left);
}

TEST_CASE("a policy is applied once for each call and keeps nothing between them")
{
    bench it;
    const auto some = it.timed(timeout(10s) | retry(attempts(2), constant_backoff(1s)));
    for (int i = 0; i < 5; ++i) CHECK(it.run(some(flaky{1})) == 2);
    auto first = it.start(some(flaky{1}));
    auto second = it.start(some(flaky{1}));
    CHECK(it.finish(std::move(first)) == 2);
    CHECK(it.finish(std::move(second)) == 2);
}

TEST_CASE("a cancelled caller ends attempt, pause and everything inside, once")
{
    for (const bool in_pause : {false, true}) {
        CAPTURE(in_pause);
        bench it;
        const auto some = it.timed(timeout(1h) | retry(constant_backoff(10min)) | attempt_timeout(30min));
        asio::cancellation_signal signal;
        int completions = 0;
        std::exception_ptr thrown;
        auto heard = [&](std::exception_ptr out, int) { ++completions, thrown = out; };
        auto work = in_pause ? some(flaky{9}) : some(slow());
        asio::co_spawn(it.context, std::move(work), asio::bind_cancellation_slot(signal.slot(), heard));
        it.context.poll();
        it.context.restart();
        CHECK(completions == 0);
        signal.emit(asio::cancellation_type::terminal);
        it.context.restart();
        it.context.poll();
        CHECK(completions == 1);
        REQUIRE(thrown);
        const auto why = thrown;
        CHECK_THROWS_AS(std::rethrow_exception(why), system_error);
    }
}

TEST_CASE("a cancelled attempt that is slow to end is not cut off again and made once more")
{
    bench it;
    struct stubborn
    {
        asio::awaitable<int> operator()()
        {
            ++*calls;
            auto on = co_await asio::this_coro::executor;
            asio::steady_timer never(on, asio::steady_timer::time_point::max());
            boost::system::error_code cut;
            co_await asio::this_coro::throw_if_cancelled(false);
            co_await never.async_wait(asio::redirect_error(asio::use_awaitable, cut));
            co_await asio::this_coro::reset_cancellation_state();
            for (int i = 0; i < 100; ++i) co_await asio::post(on, asio::use_awaitable); // takes its time
            throw system_error(asio::error::operation_aborted);
        }
        std::shared_ptr<int> calls = std::make_shared<int>(0);
    };
    stubborn work;
    asio::cancellation_signal signal;
    int completions = 0;
    auto heard = [&](const std::exception_ptr& thrown, int) { completions += thrown ? 1 : 100; };
    asio::co_spawn(it.context, it.timed(retry(constant_backoff(1s)) | attempt_timeout(5s))(work),
        asio::bind_cancellation_slot(signal.slot(), heard));
    it.context.poll();
    signal.emit(asio::cancellation_type::terminal);
    it.context.restart();
    while (it.context.poll_one() != 0 && completions == 0) it.time->advance();
    CHECK(completions == 1);
    CHECK(*work.calls == 1);
}

TEST_CASE("the causes that Asio names are known")
{
    bench it;
    const auto twice = it.timed(retry(attempts(2), constant_backoff(1s)));
    for (const error_code& cause : {error_code(asio::error::eof), error_code(asio::error::host_not_found_try_again)})
        CHECK(it.run(twice(flaky{1, cause})) == 2);
    struct standard
    {
        asio::awaitable<int> operator()()
        {
            if (++*calls == 1) throw std::system_error(ECONNRESET, std::system_category());
            co_return *calls;
        }
        std::shared_ptr<int> calls = std::make_shared<int>(0);
    };
    CHECK(it.run(twice(standard())) == 2);
}

}
