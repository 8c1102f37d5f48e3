#include "keeper/keeper_world.hpp"

#include "support/scratch.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>

#include <memory>

// Whatever is cancelled, broken off or destroyed, and at whichever step: each waiter hears once, and the next call works.

namespace doks::test {

namespace {

enum class injected_fault
{
    cancel,        ///< one of the waiters
    let_go,        ///< the last handle goes
    invalidate,    ///< the cluster refuses the held credential
    keep_nothing,  ///< no id is kept any more
    connections,   ///< every connection breaks
    drain,         ///< with no time at all
    destroy_world, ///< the context goes
};

/// A keeper with two waiters and a kept id, with a fault injected at the n-th step of its work.
struct faulted_keeper
{
    explicit faulted_keeper(bool from_below)
    {
        here.meets = [this, from_below](const std::string& id, const seen_request&) -> std::optional<scripted_answer> {
            const bool first = ++requests == 1;
            if (from_below && first)
                return scripted_answer{"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", {}, false, true};
            return scripted_answer{http_answer(200, kubeconfig_text(id, "t" + std::to_string(requests))), 10ms};
        };
        keeper.emplace(here.make({.expiry = 1h}));
        keeper->keep({cluster_number(1)});
        for (int i = 0; i < 2; ++i)
            keeper->try_kubeconfig(cluster_number(static_cast<std::size_t>(i)), {},
                boost::asio::bind_cancellation_slot(stop[i].slot(), [this, i](result<kubeconfig>) { ++heard[i]; }));
        stream = std::make_unique<news>(here, *keeper);
    }

    bool step()
    {
        here.world.context.restart();
        return here.world.context.poll_one() != 0 || here.world.time->advance();
    }
    void inject(injected_fault fault)
    {
        switch (fault) {
        case injected_fault::cancel:
            return stop[0].emit(boost::asio::cancellation_type::terminal);
        case injected_fault::let_go:
            return keeper.reset();
        case injected_fault::invalidate:
            keeper->invalidate(cluster_number(0));
            return keeper->invalidate(cluster_number(1));
        case injected_fault::keep_nothing:
            return keeper->keep({});
        case injected_fault::connections:
            return here.world.network->close_all(false);
        case injected_fault::drain:
            return keeper->drain(0s, [this] { drained = true; });
        case injected_fault::destroy_world:
            return;
        }
    }

    keeper_world here;
    std::optional<doks::keeper> keeper;
    boost::asio::cancellation_signal stop[2];
    std::unique_ptr<news> stream;
    int heard[2] = {0, 0};
    int requests = 0;
    bool drained = false;
};

/// Injects the fault at the given step and lets things run out; false once there are no more steps.
bool survives(injected_fault fault, bool from_below, std::size_t at)
{
    faulted_keeper it(from_below);
    for (std::size_t i = 0; i < at; ++i)
        if (!it.step() || (it.heard[0] != 0 && it.heard[1] != 0 && i > at / 2 + 40)) return false;
    it.inject(fault);
    if (fault == injected_fault::destroy_world) return true;
    it.here.world.run_for(2min);
    CHECK(it.heard[0] == 1);
    CHECK(it.heard[1] == 1);
    if (fault == injected_fault::drain) CHECK(it.drained);
    if (fault == injected_fault::let_go || fault == injected_fault::drain) return true;
    asked again(it.here, *it.keeper, cluster_number(0));
    CHECK(again.wait().cluster_id() == cluster_number(0));
    CHECK(it.keeper->stats().in_flight == 0);
    return true;
}

}

TEST_CASE("whatever fault is injected at any step, every waiter hears exactly once and the next call works")
{
    std::size_t steps = 0;
    for (const bool from_below : {false, true})
        for (const auto fault :
            {injected_fault::cancel, injected_fault::let_go, injected_fault::invalidate, injected_fault::keep_nothing,
                injected_fault::connections, injected_fault::drain, injected_fault::destroy_world}) {
            std::size_t at = 0;
            while (at < 200 && survives(fault, from_below, at)) ++at;
            CHECK(at > 30);
            steps += at;
        }
    MESSAGE(steps, " injected faults: each of two waiters heard exactly once, 0 lost");
}

TEST_CASE("a coroutine that owns its keeper goes with its context")
{
    auto here = std::make_unique<keeper_world>();
    here->meets = [](const std::string&, const seen_request&) {
        scripted_answer none;
        none.silent = true;
        return none;
    };
    const auto gone = std::make_shared<int>(0);
    const std::weak_ptr<int> watched = gone;
    boost::asio::co_spawn(
        here->world.context,
        [](doks::keeper keeper, std::shared_ptr<int>) -> boost::asio::awaitable<void> {
            keeper.keep({cluster_number(1)});
            auto changes = keeper.changes();
            auto change = co_await changes.next();
        }(here->make(), std::move(const_cast<std::shared_ptr<int>&>(gone))),
        [](std::exception_ptr) {});
    here->world.run_for(1s);
    CHECK_FALSE(watched.expired());
    here.reset();
    CHECK(watched.expired());
}

}
