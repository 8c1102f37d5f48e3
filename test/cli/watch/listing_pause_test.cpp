#include "cli/watch/listing_pause.hpp"

#include <doctest/doctest.h>

// Pauses between the listings of a watch: outcomes in, pauses out.

using namespace doks;
using namespace doks::cli;
using namespace std::chrono_literals;

namespace {

/// A listing that failed, with the API's wish for a pause if there is one.
failure failing(std::optional<std::chrono::steady_clock::duration> retry_after = std::nullopt)
{
    failure_record record;
    record.code = errc::timed_out;
    record.retry_after = retry_after;
    return failure(std::move(record));
}

}

TEST_CASE("the pause doubles with each failure in a row, up to that between two listings")
{
    std::chrono::nanoseconds most = 5s;
    for (unsigned failures = 1; failures < 100; ++failures) {
        const auto pause = pause_after_failure(failures, failing());
        CHECK(pause >= most * 3 / 4);
        CHECK(pause <= most);
        most = std::min<std::chrono::nanoseconds>(most * 2, 5min);
    }
    CHECK(pause_between_listings() >= 225s);
    CHECK(pause_between_listings() <= 5min);
}

TEST_CASE("nothing is asked before the API says that it makes sense")
{
    CHECK(pause_after_failure(1, failing(40s)) == 40s);
    CHECK(pause_after_failure(9, failing(1h)) == 1h);
    CHECK(pause_after_failure(3, failing(1s)) >= 15s);
}
