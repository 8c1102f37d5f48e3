#include "api/simulator_fixture.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>

// A thousand operations of each kind on a pool of four threads, all cancelled at the same time from all four.

namespace doks::test {

namespace {

constexpr std::size_t operations_at_once = 1000; // under a sanitizer too

/** An operation with a strand of its own, on which it is started, cancelled and completed.

    A signal is emitted on the strand of its handler only: a slot that is emitted to while another thread assigns or clears
    it is a data race (Boost 1.81), and the operation assigns it as it starts and clears it as it completes.
*/
class cancelled_operation : public std::enable_shared_from_this<cancelled_operation>
{
public:
    explicit cancelled_operation(asio::thread_pool& on)
        : strand_(asio::make_strand(on))
    {}
    virtual ~cancelled_operation() = default;
    cancelled_operation(const cancelled_operation&) = delete;
    cancelled_operation& operator=(const cancelled_operation&) = delete;

    void start()
    {
        asio::post(strand_, [self = shared_from_this()] { self->begin(); });
    }
    void cancel()
    {
        asio::post(strand_, [self = shared_from_this()] { self->signal_.emit(asio::cancellation_type::terminal); });
    }

    std::atomic<unsigned> completions{0};
    std::atomic<bool> good{false};
    std::atomic<bool> cancelled{false};
    virtual std::string describe() const { return "never completed"; }

protected:
    virtual void begin() = 0;

    template <class Handler> auto bound(Handler handler)
    {
        return asio::bind_cancellation_slot(signal_.slot(), asio::bind_executor(strand_, std::move(handler)));
    }
    void ended(const std::exception_ptr& why)
    {
        try {
            if (why) std::rethrow_exception(why);
            good = true;
        } catch (const failure& caught) {
            cancelled = caught == condition::cancelled;
        }
        ++completions;
    }

private:
    asio::strand<asio::thread_pool::executor_type> strand_;
    asio::cancellation_signal signal_;
};

/// `Start` is called with the client and a handler for the outcome.
template <class Start> class single_call final : public cancelled_operation
{
public:
    single_call(asio::thread_pool& on, client with, Start start)
        : cancelled_operation(on)
        , client_(std::move(with))
        , start_(std::move(start))
    {}

private:
    void begin() override
    {
        start_(client_,
            bound([self = shared_from_this(), this](const std::exception_ptr& why, const auto&) { ended(why); }));
    }

    client client_;
    Start start_;
};

/// Once its reader is cancelled the bulk is stopped, and read to its end: each id has one outcome.
class cancelled_bulk final : public cancelled_operation
{
public:
    cancelled_bulk(asio::thread_pool& on, const client& with, const std::vector<std::string>& ids)
        : cancelled_operation(on)
        , from_(with.kubeconfigs(ids, {.in_flight = 2}))
        , expected_(ids.size())
    {}

    std::string describe() const override
    {
        const auto counts = from_.summary();
        return std::to_string(items_) + " of " + std::to_string(expected_) + " items, " +
               std::to_string(counts.done()) + " done, " + std::to_string(counts.in_flight) + " in flight, " +
               (was_cancelled_ ? "cancelled" : "not cancelled");
    }

private:
    void begin() override { read(); }
    void read()
    {
        from_.next(bound([self = shared_from_this(), this](const std::exception_ptr& why,
                             std::optional<bulk_item> item) { on_item(why, std::move(item)); }));
    }
    void on_item(const std::exception_ptr& why, std::optional<bulk_item> item)
    {
        items_ += item.has_value();
        if (why) {
            was_cancelled_ = true;
            from_.stop(0s);
        }
        if (why || item) return read();
        if (items_ != expected_) return; // never complete
        good = !was_cancelled_;
        cancelled = was_cancelled_;
        ++completions;
    }

    bulk from_;
    std::size_t expected_;
    std::size_t items_ = 0;
    bool was_cancelled_ = false;
};

using operations = std::vector<std::shared_ptr<cancelled_operation>>;

/// All of them at the same time: each thread of the pool takes its share.
void cancel_all(asio::thread_pool& pool, const operations& all)
{
    for (std::size_t thread = 0; thread < 4; ++thread)
        asio::post(pool, [&all, thread] {
            for (auto i = thread; i < all.size(); i += 4) all[i]->cancel();
        });
}

bool comes_true(const std::function<bool()>& condition)
{
    const auto give_up = steady_clock::now() + 20s;
    while (!condition() && steady_clock::now() < give_up) std::this_thread::sleep_for(1ms);
    return condition();
}

/// The simulator, and a client on a pool of four threads.
struct pool_of_four
{
    explicit pool_of_four(sim::options how)
        : home(std::move(how))
        , api(pool.get_executor(), home.config())
    {}

    /// Starts one operation after the other, cancels all once some are under way, and checks their outcomes.
    void cancel_a_thousand(const std::string& kind, const std::function<std::shared_ptr<cancelled_operation>()>& make)
    {
        const auto began = steady_clock::now();
        const auto before = home.api.counts().requests;
        operations all;
        for (std::size_t i = 0; i < operations_at_once; ++i) all.push_back(make());
        for (const auto& each : all) each->start();
        REQUIRE(comes_true([&] { return home.api.counts().requests >= before + 100; }));
        cancel_all(pool, all);
        const auto completed = [&] {
            return std::all_of(all.begin(), all.end(), [](const auto& each) { return each->completions != 0; });
        };
        if (!comes_true(completed))
            for (std::size_t i = 0; i < all.size(); ++i)
                if (all[i]->completions == 0) FAIL(i << ": " << all[i]->describe());
        check_outcomes(kind, all, steady_clock::now() - began);
    }
    /// A call still works, a drain ends, and nothing completes a second time.
    void check_afterwards()
    {
        std::atomic<bool> good = false, drained = false;
        api.kubeconfig(home.first(), {}, [&](const std::exception_ptr& why, const kubeconfig&) { good = !why; });
        CHECK(comes_true([&] { return good.load(); }));
        api.drain(5s, [&] { drained = true; });
        CHECK(comes_true([&] { return drained.load(); }));
        pool.join();
        for (const auto& each : seen) CHECK(each->completions == 1);
    }

    simulator_fixture home;
    asio::thread_pool pool{4};
    client api;
    operations seen;

private:
    void check_outcomes(const std::string& kind, const operations& all, steady_clock::duration took)
    {
        std::size_t good = 0, cancelled = 0;
        for (const auto& each : all) {
            good += each->good;
            cancelled += each->cancelled;
        }
        CHECK(good + cancelled == all.size());
        CHECK(cancelled > 0);
        seen.insert(seen.end(), all.begin(), all.end());
        MESSAGE(kind << ": " << all.size() << " at once, " << cancelled << " cancelled in time, in "
                     << std::chrono::duration_cast<std::chrono::milliseconds>(took).count() << " ms");
    }
};

sim::options slow_api()
{
    auto how = unlimited(3);
    how.latency = {5ms, 15ms};
    return how;
}

template <class Start> void cancel_calls(pool_of_four& in, const std::string& kind, Start start)
{
    in.cancel_a_thousand(kind, [&] { return std::make_shared<single_call<Start>>(in.pool, in.api, start); });
}

}

TEST_CASE("a thousand exact kubeconfigs on four threads, all cancelled at the same time, complete once each")
{
    pool_of_four in(slow_api());
    cancel_calls(in, "exact kubeconfigs", [id = in.home.first()](const client& with, auto handler) {
        with.kubeconfig(id, {.expiry = 1h, .expiry_is = expiry_precision::exact}, std::move(handler));
    });
    in.check_afterwards();
}

TEST_CASE("a thousand listings on four threads, all cancelled at the same time, complete once each")
{
    pool_of_four in(slow_api());
    cancel_calls(in, "listings", [](const client& with, auto handler) { with.clusters({}, std::move(handler)); });
    in.check_afterwards();
}

TEST_CASE("a thousand find_cluster on four threads, all cancelled at the same time, complete once each")
{
    pool_of_four in(slow_api());
    cancel_calls(in, "find_cluster",
        [](const client& with, auto handler) { with.find_cluster("cluster-2", {}, std::move(handler)); });
    in.check_afterwards();
}

TEST_CASE("a thousand wait_ready on four threads, all cancelled at the same time, complete once each")
{
    pool_of_four in(slow_api());
    const auto slow = in.home.api.set_cluster({.state = "provisioning"});
    cancel_calls(
        in, "wait_ready", [slow](const client& with, auto handler) { with.wait_ready(slow, {}, std::move(handler)); });
    in.check_afterwards();
}

TEST_CASE("a thousand bulks on four threads, the readers of all cancelled at the same time, end once each")
{
    pool_of_four in(slow_api());
    const auto ids = in.home.api.cluster_ids();
    in.cancel_a_thousand("bulks", [&] { return std::make_shared<cancelled_bulk>(in.pool, in.api, ids); });
    in.check_afterwards();
}

}
