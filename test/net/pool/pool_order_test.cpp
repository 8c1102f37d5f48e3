#include "net/limited_world.hpp"

#include "core/rng.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <list>
#include <map>
#include <set>
#include <variant>

// Who gets a connection when: thousands of calls for few connections, against a scripted server in virtual time.

using namespace doks;
using namespace doks::test;

namespace {

/// Who was served out of turn. Calls are numbered in the order of their start.
struct turn_watch
{
    void operator()(const event& what)
    {
        if (const auto* again = std::get_if<retry_scheduled>(&what); again && again->resend)
            resent[again->call] = sends;
        const auto* sent = std::get_if<request_sent>(&what);
        if (!sent) return;
        ++sends;
        if (served.insert(sent->call).second)
            first_error = (std::max)(
                first_error, static_cast<std::size_t>(std::distance(served.upper_bound(sent->call), served.end())));
        if (const auto found = resent.find(sent->call); found != resent.end()) {
            resend_error = (std::max)(resend_error, sends - found->second - 1);
            ++resends;
            resent.erase(found);
        }
    }

    std::size_t sends = 0;
    std::size_t resends = 0;
    std::size_t first_error = 0;  ///< served before a waiter that had come earlier
    std::size_t resend_error = 0; ///< requests that went out between a stale connection and its resend
    std::set<std::uint64_t> served;
    std::map<std::uint64_t, std::size_t> resent;
};

/// A call that waits for a connection, and may be told to give up.
struct waiter
{
    one_call call;
    boost::asio::cancellation_signal cancel;
    void start(const client& of, const std::string& id)
    {
        of.try_kubeconfig(
            id, {.timeout = 2h}, boost::asio::bind_cancellation_slot(cancel.slot(), [this](result<kubeconfig> got) {
                call.outcome.emplace(std::move(got));
                ++call.completions;
            }));
    }
};

/// A server that takes up to 20 ms, and kills one connection in twenty instead of answering.
struct killer
{
    scripted_answer operator()(const seen_request& seen)
    {
        most_open = (std::max)(most_open, network ? network->open() : 0);
        scripted_answer made = own_kubeconfig(seen);
        made.delay = rng.between<core::duration>(1ms, 20ms);
        if (rng.chance(0.05)) made = {{}, 1ms, false, true, false};
        return made;
    }
    core_test::rng rng{11};
    scripted_network* network = nullptr;
    unsigned most_open = 0;
};

}

TEST_CASE("ten thousand wait for eight connections, many leave, some connections die: everybody has his turn")
{
    killer server;
    virtual_world world(std::ref(server));
    server.network = world.network.get();
    const auto watch = std::make_shared<turn_watch>();
    auto config = world.config();
    config.connections = 8;
    config.rate_limit.clear();
    config.timeouts.pool = config.timeouts.attempt = config.timeouts.call = 2h;
    config.observer = [watch](const event& what) { (*watch)(what); };
    const auto client = world.client(config);

    std::list<waiter> waiters(10'000);
    core_test::rng rng(12);
    std::size_t number = 0;
    for (auto& each : waiters) {
        each.start(client, numbered_id(number++));
        if (rng.chance(0.3))
            world.time->at(world.time->steady_now() + rng.between<core::duration>(0s, 8s),
                [&each] { each.cancel.emit(boost::asio::cancellation_type::total); });
    }
    world.run();

    std::size_t succeeded = 0, cancelled = 0, other = 0, stuck = 0;
    for (const auto& each : waiters) {
        stuck += each.call.completions != 1;
        if (each.call.completions == 0) continue;
        ++(each.call.outcome->has_value() ? succeeded : each.call.why() == condition::cancelled ? cancelled : other);
    }
    MESSAGE(succeeded, " succeeded, ", cancelled, " cancelled, ", other, " failed otherwise, ", stuck,
        " stuck; at most ", server.most_open, " connections; out of turn by ", watch->first_error, ", ", watch->resends,
        " resends after at most ", watch->resend_error, " requests of others");
    CHECK(stuck == 0);
    CHECK(other == 0);
    CHECK(server.most_open <= 8);
    CHECK(watch->first_error <= 1);
    CHECK(watch->resend_error <= 16);
}
