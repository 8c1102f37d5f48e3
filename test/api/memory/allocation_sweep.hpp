#pragma once

#include "support/scarce_memory.hpp"
#include "support/virtual_world.hpp"

#include <boost/asio/strand.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <exception>
#include <functional>
#include <new>
#include <string>
#include <vector>

namespace doks::test {

using namespace std::chrono_literals;

/// What a call ended with. Its handler allocates nothing.
class call_end
{
public:
    auto handler()
    {
        return [this](const auto&... outcome) {
            ++completions_;
            take(outcome...);
        };
    }
    /// A stream has come to its end.
    void complete(boost::system::error_code why)
    {
        ++completions_;
        why_ = why;
    }
    unsigned completions() const noexcept { return completions_; }
    bool is_good() const noexcept { return completions_ == 1 && !why_; }
    const boost::system::error_code& why() const noexcept { return why_; }

private:
    void take() {}
    template <class T> void take(const result<T>& got)
    {
        if (!got) why_ = got.error().code();
    }
    template <class T> void take(const std::exception_ptr& thrown, const T&)
    {
        try {
            if (thrown) std::rethrow_exception(thrown);
        } catch (const std::bad_alloc&) {
            why_ = make_error_code(boost::system::errc::not_enough_memory);
        } catch (const failure& caught) {
            why_ = caught.code();
        }
    }

    unsigned completions_ = 0;
    boost::system::error_code why_;
};

/** Calls in which each allocation fails once.

    `start` starts a call of the client; `is_warm`: after another call, whose connection and token it uses.
*/
struct memory_section
{
    scripted_network::script meets;
    std::function<void(const client&, call_end&)> start;
    bool is_warm = false;
};

/// How the failures of a sweep ended.
struct sweep_result
{
    long sites = 0;   ///< allocations in the section
    long tried = 0;   ///< of them failed
    long good = 0;    ///< the call succeeded all the same
    long refused = 0; ///< it ended with a failure
    long thrown = 0;  ///< the call itself, or `run()`, threw
};

/// Every allocation where DOKS_LONG is set, else one in three.
inline long sweep_step() { return std::getenv("DOKS_LONG") != nullptr ? 1 : 3; }

/// Asio's strand does not survive that its pool of mutexes cannot grow (Boost 1.81), so the pool is filled before.
inline void fill_pool_of_strands(boost::asio::io_context& context)
{
    std::vector<boost::asio::strand<boost::asio::io_context::executor_type>> all;
    std::vector<std::string> between; // a strand's address chooses its mutex: let them lie irregularly
    for (std::size_t i = 0; i < 12'000; ++i) {
        all.push_back(boost::asio::make_strand(context));
        between.emplace_back(16 + i * i % 613, ' ');
    }
}

/// Runs until `done`, or nothing is left to do, or an hour has passed; true if `run()` ended with bad_alloc meanwhile.
template <class Done> bool run_short_of_memory(virtual_world& world, Done done)
{
    const auto end = world.time->steady_now() + 1h;
    const auto is_over = [&] { return done() || world.time->steady_now() > end; };
    const std::function<bool()> until = std::cref(is_over); // allocates nothing
    bool thrown = false;
    for (bool runs = true; runs;) {
        try {
            world.run(until);
            runs = false;
        } catch (const std::bad_alloc&) {
            thrown = true;
        }
    }
    return thrown;
}

/// The client is as good as before: a call works, a drain ends, nothing is left.
inline void check_client_works(virtual_world& world, const client& client, const memory_section& of)
{
    call_end next, drained;
    of.start(client, next);
    CHECK_FALSE(run_short_of_memory(world, [&] { return next.completions() != 0; }));
    CHECK(next.is_good());
    const auto began = world.time->steady_now();
    client.drain(5s, drained.handler());
    CHECK_FALSE(run_short_of_memory(world, [&] { return drained.completions() != 0; }));
    CHECK(drained.completions() == 1);
    CHECK(world.time->steady_now() - began <= 10s);
    world.run();
    CHECK(client.connections().waiting == 0);
    CHECK(client.connections().opening == 0);
}

/// Fails the allocation behind the first `after`; false if there are no more.
inline bool fail_one_allocation(const memory_section& of, long after, sweep_result& into)
{
    virtual_world world(of.meets);
    fill_pool_of_strands(world.context);
    const auto client = world.client(world.config());
    call_end before, first;
    if (of.is_warm) {
        of.start(client, before);
        world.run([&] { return before.completions() != 0; });
        REQUIRE(before.is_good());
    }
    bool thrown = false, failed = false;
    {
        const scarce_memory scarce(scarce_memory::whose::this_thread, after, 1);
        try {
            of.start(client, first);
        } catch (const std::bad_alloc&) {
            thrown = true;
        }
        thrown = run_short_of_memory(world, [&] { return first.completions() != 0; }) || thrown;
        failed = scarce.failed() != 0;
    }
    world.run();
    CHECK(first.completions() <= 1);
    if (!thrown) CHECK(first.completions() == 1);
    if (first.why() && !thrown) CHECK(first.why() == boost::system::errc::not_enough_memory);
    if (!failed) CHECK(first.is_good());
    check_client_works(world, client, of);
    if (!failed) return false;
    ++into.tried;
    into.thrown += thrown;
    into.good += first.is_good();
    into.refused += first.completions() == 1 && !first.is_good();
    return true;
}

inline sweep_result fail_each_allocation(const std::string& name, const memory_section& of)
{
    sweep_result all;
    for (long after = 0;; after += sweep_step()) {
        CAPTURE(name);
        CAPTURE(after);
        all.sites = after;
        if (!fail_one_allocation(of, after, all)) break;
    }
    MESSAGE(name << ": " << all.sites << " allocations, " << all.tried << " failed one by one: the call succeeded "
                 << all.good << " times, failed " << all.refused << " times; " << all.thrown
                 << " times it or run() threw");
    return all;
}

}
