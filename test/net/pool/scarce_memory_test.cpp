#include "net/call_fixture.hpp"
#include "support/scarce_memory.hpp"

#include <doctest/doctest.h>

#include <new>

// Each allocation of a call up to its connection fails once, in memory and in virtual time.

using namespace doks;
using namespace doks::test;

namespace {

/// Runs the ready handlers; true if memory ran out in it.
bool runs_out(virtual_world& world)
{
    try {
        world.context.restart();
        world.context.poll();
        return false;
    } catch (const std::bad_alloc&) {
        return true;
    }
}

}

/// Up to the connection itself: Asio's strand does not survive that memory runs out while it is made (Boost 1.81).
TEST_CASE(
    "whichever allocation fails while a call asks for a connection, the call goes on or says so, and the client is as "
    "good as before")
{
    long thrown = 0, ended = 0, after = 0;
    for (bool not_made = false; !not_made; ++after) {
        CAPTURE(after);
        virtual_world world(own_kubeconfig);
        const auto client = world.client(world.config());
        one_call before, first, second;
        before.start(client);
        world.run([&] { return before.done(); });
        world.network->close_all();
        world.run();
        first.start(client);
        bool lost = false; // before the call had begun
        {
            const scarce_memory scarce(scarce_memory::whose::this_thread, after, 1);
            lost = runs_out(world);
            REQUIRE(scarce.failed() == 1);
        }
        thrown += lost;
        not_made = client.connections().failed == 1;
        second.start(client);
        world.run([&] { return second.done() && (first.done() || lost); });
        REQUIRE(second.done());
        CHECK(second.outcome->has_value());
        if (!lost) {
            REQUIRE(first.done());
            const bool succeeded = first.outcome->has_value();
            if (!succeeded) CHECK(first.outcome->error().code() == boost::system::errc::not_enough_memory);
            ended += succeeded ? 0 : 1;
        }
        world.run();
        CHECK(client.connections().waiting == 0);
        CHECK(client.connections().opening == 0);
    }
    MESSAGE(after << " allocations: " << thrown << " times run() threw before the call had begun, " << ended
                  << " times the call ended, and else it succeeded");
    CHECK(thrown + ended < after);
}
