#include "keeper/stored_world.hpp"

#include "api/memory/allocation_sweep.hpp"

#include <optional>

// Each allocation fails once in a keeper's call that mints and stores.

namespace doks::test {

namespace {

/// Runs the world for a while, over what its handlers throw; true if they threw bad_alloc.
bool run_over_exceptions(stored_world& in, core::duration how_long)
{
    bool thrown = false;
    for (bool runs = true; runs;) {
        try {
            in.run(how_long);
            runs = false;
        } catch (const std::bad_alloc&) {
            thrown = true;
        }
    }
    return thrown;
}

/// Fails the allocation behind the first `after` of one or of all but this thread; false if there are no more.
bool fail_one(scarce_memory::whose threads, long after, sweep_result& into)
{
    stored_world in;
    fill_pool_of_strands(in.here.world.context);
    const auto keeper = in.make();
    call_end first, second, drained;
    bool thrown = false, failed = false;
    {
        const scarce_memory scarce(threads, after, 1);
        try {
            keeper.kubeconfig(cluster_number(1), {}, first.handler());
        } catch (const std::bad_alloc&) {
            thrown = true;
        }
        thrown = run_over_exceptions(in, 1min) || thrown;
        failed = scarce.failed() != 0;
    }
    CHECK(first.completions() <= 1);
    if (!thrown) CHECK(first.completions() == 1);
    keeper.kubeconfig(cluster_number(1), {}, second.handler());
    CHECK_FALSE(run_over_exceptions(in, 2min));
    CHECK(second.is_good());
    keeper.keep({cluster_number(1)}); // a put that failed is tried again for what is kept
    CHECK_FALSE(run_over_exceptions(in, 1min));
    CHECK_FALSE(in.file(1).empty());
    keeper.drain(5s, drained.handler());
    CHECK_FALSE(run_over_exceptions(in, 10s));
    CHECK(drained.completions() == 1);
    if (!failed) return false;
    ++into.tried;
    into.thrown += thrown;
    into.good += first.is_good();
    into.refused += first.completions() == 1 && !first.is_good();
    return true;
}

void fail_each(const std::string& name, scarce_memory::whose threads)
{
    sweep_result all;
    for (long after = 0;; after += sweep_step()) {
        CAPTURE(name);
        CAPTURE(after);
        all.sites = after;
        if (!fail_one(threads, after, all)) break;
    }
    MESSAGE(name << ": " << all.sites << " allocations, " << all.tried << " failed one by one: the call succeeded "
                 << all.good << " times, failed " << all.refused << " times; " << all.thrown
                 << " times it or run() threw");
}

}

// Skipped: in some runs it meets Asio's strands, which do not survive that their pool cannot grow (Boost 1.81).
TEST_CASE(
    "whichever allocation fails on the client's thread in a keeper's call, the call or run() ends" * doctest::skip())
{
    fail_each("keeper with a store", scarce_memory::whose::this_thread);
}

TEST_CASE("whichever allocation fails on the directory's thread in a keeper's call, the call or run() ends")
{
    fail_each("keeper's directory", scarce_memory::whose::other_threads);
}

}
