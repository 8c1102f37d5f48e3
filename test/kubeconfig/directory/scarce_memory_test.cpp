#include "kubeconfig/samples.hpp"
#include "kubeconfig/scratch.hpp"
#include "support/scarce_memory.hpp"

#include <doks/kubeconfig_directory.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <doctest/doctest.h>

#include <optional>

// Out of memory on the directory's thread. There is no caller on that thread's stack who could catch an exception.

using namespace std::chrono_literals;
using doks::test::scarce_memory;

namespace {

/// Runs a coroutine to its end.
template <class T> T outcome_of(boost::asio::awaitable<T> call)
{
    boost::asio::io_context context;
    std::optional<T> got;
    co_spawn(context, std::move(call), [&](std::exception_ptr thrown, T outcome) {
        REQUIRE_FALSE(thrown);
        got.emplace(std::move(outcome));
    });
    context.run_for(20s);
    REQUIRE(got);
    return std::move(*got);
}

}

// Nothing on that thread may throw past it: the process would end. Each allocation fails once, alone and in a row.
TEST_CASE("whichever allocations of the disk's thread fail, everybody hears of it and the thread goes on")
{
    const auto item = token_item(uuid(1), 15min);
    long refused = 0, tries = 0;
    for (const long count : {1L, 3L, 30L}) {
        bool failed = true;
        for (long after = 0; failed; after += 1 + after / 8, ++tries) {
            CAPTURE(after);
            CAPTURE(count);
            const scratch root;
            doks::kubeconfig_directory directory(root / "out");
            {
                const scarce_memory scarce(scarce_memory::whose::other_threads, after, count);
                const auto put = outcome_of(directory.try_put(item));
                if (!put) {
                    ++refused;
                    CHECK(put.error().code() == boost::system::errc::not_enough_memory);
                }
                failed = scarce.failed() != 0;
            }
            CHECK(outcome_of(directory.try_put(item)).has_value());
            CHECK(std::filesystem::exists(root / "out" / (uuid(1) + ".yaml")));
        }
    }
    MESSAGE(tries << " puts, " << refused << " refused for want of memory");
    CHECK(refused > 0);
}
