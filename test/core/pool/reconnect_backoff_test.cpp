#include "core/address_order.hpp"
#include "core/pool/reconnect_backoff.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

// Pauses between attempts to connect, and the order of a name's addresses.

using namespace std::chrono_literals;
using doks::core::instant;
using doks::core::reconnect_backoff;

namespace {

const instant start{1000h};

}

TEST_CASE("an origin that refuses connections is tried again after a pause that doubles, one connection at a time")
{
    reconnect_backoff pause;
    CHECK(pause.allows(start, 7));
    pause.failed(start, 1.0);
    CHECK(pause.until() == start + 100ms);
    CHECK_FALSE(pause.allows(start + 99ms, 0));
    CHECK(pause.allows(start + 100ms, 0));
    CHECK_FALSE(pause.allows(start + 100ms, 1));
    for (int i = 0; i < 63; ++i) pause.failed(start + 99ms, 1.0);
    CHECK(pause.until() == start + 100ms);
    pause.failed(start + 1s, 1.0);
    CHECK(pause.until() == start + 1200ms);
    pause.failed(start + 2s, 0.0);
    CHECK(pause.until() == start + 2200ms);
    for (int i = 1; i < 1000; ++i) pause.failed(start + i * 1h, 1.0);
    CHECK(pause.until() == start + 999h + 5s);
    pause.succeeded();
    CHECK(pause.allows(start, 7));
    CHECK(pause.until() < start);
}

TEST_CASE("addresses of both families take turns, beginning with that of the first")
{
    using list = std::vector<std::string>;
    const auto ordered = [](list of) {
        doks::core::alternate(of, [](const std::string& each) { return each.front() == '6'; });
        return of;
    };
    CHECK(ordered({}).empty());
    CHECK(ordered({"4a", "4b"}) == list{"4a", "4b"});
    CHECK(ordered({"6a", "6b", "6c", "4a", "4b"}) == list{"6a", "4a", "6b", "4b", "6c"});
    CHECK(ordered({"4a", "6a", "6b", "6c"}) == list{"4a", "6a", "6b", "6c"});
}
