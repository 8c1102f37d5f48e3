#include "api/simulator_fixture.hpp"
#include "support/user_policies.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <memory>
#include <random>

// Calls of several requests on four threads, cancelled at random moments: in a request, between two, in a pause.

namespace doks::test {

namespace {

/// Calls of several requests.
enum class operation_kind
{
    exact,
    wait,
    find
};

/// A call of several requests that is cancelled at some moment, by a strand of its own that its handler runs on too.
class cancelled_operation : public std::enable_shared_from_this<cancelled_operation>
{
public:
    explicit cancelled_operation(asio::io_context& on)
        : strand_(asio::make_strand(on))
        , timer_(strand_)
    {}

    void start(const client& with, const std::string& id, operation_kind what, std::chrono::microseconds patience)
    {
        asio::post(strand_, [self = shared_from_this(), with, id, what, patience] {
            self->begin(with, id, what);
            self->timer_.expires_after(patience);
            self->timer_.async_wait(
                [self](boost::system::error_code) { self->signal_.emit(asio::cancellation_type::terminal); });
        });
    }

    std::atomic<unsigned> completions{0};
    std::atomic<bool> good{false};
    std::atomic<bool> cancelled{false};

private:
    void begin(const client& with, const std::string& id, operation_kind what)
    {
        auto done = [self = shared_from_this()](const std::exception_ptr& why, const auto&) { self->ended(why); };
        auto handler = asio::bind_cancellation_slot(signal_.slot(), asio::bind_executor(strand_, std::move(done)));
        switch (what) {
        case operation_kind::exact:
            return with.kubeconfig(id, {.expiry_is = expiry_precision::exact}, std::move(handler));
        case operation_kind::wait:
            return with.wait_ready(id, {}, std::move(handler));
        case operation_kind::find:
            return with.find_cluster("cluster-2", {}, std::move(handler));
        }
    }
    void ended(const std::exception_ptr& why)
    {
        ++completions;
        timer_.cancel();
        good = !why;
        try {
            if (why) std::rethrow_exception(why);
        } catch (const failure& caught) {
            cancelled = caught == condition::cancelled;
        }
    }

    asio::strand<asio::io_context::executor_type> strand_;
    asio::steady_timer timer_;
    asio::cancellation_signal signal_;
};

/// Hundreds of calls on four threads, some of which are cancelled in time: each completes once.
void check_cancelling_at_random(bool under_a_policy_of_the_users)
{
    auto how = unlimited(20);
    how.latency = {0ms, 4ms};
    simulator_fixture fixture(how);
    const auto ids = fixture.api.cluster_ids();
    const auto slow = fixture.api.set_cluster({.state = "provisioning"});
    auto client = fixture.client();
    if (under_a_policy_of_the_users) client = client.with(retry(attempts(3)) | transparent());
    std::mt19937 rng(7);
    std::vector<std::shared_ptr<cancelled_operation>> all;
    for (std::size_t i = 0; i < many(900); ++i) {
        all.push_back(std::make_shared<cancelled_operation>(fixture.context));
        const auto kind = static_cast<operation_kind>(i % 3);
        const bool waits = kind == operation_kind::wait && i % 2 == 0;
        const bool patient = !waits && rng() % 3 == 0;
        const auto patience = patient ? 60'000'000 : rng() % (1000 * slowness * 500);
        all.back()->start(client, waits ? slow : ids[i % ids.size()], kind, std::chrono::microseconds(patience));
    }
    fixture.run_dry_on_four_threads();
    std::size_t good = 0;
    std::size_t cancelled = 0;
    for (const auto& each : all) {
        REQUIRE(each->completions == 1);
        good += each->good;
        cancelled += each->cancelled;
    }
    CHECK(good + cancelled == all.size());
    CHECK(good > 0);
    CHECK(cancelled > 0);
    MESSAGE(all.size() << " calls, " << cancelled << " cancelled in time: one completion each");
}

}

TEST_CASE("calls of several requests on four threads, each cancelled at a random moment, complete once")
{
    check_cancelling_at_random(false);
}

TEST_CASE("the same under a policy of the user's") { check_cancelling_at_random(true); }

}
