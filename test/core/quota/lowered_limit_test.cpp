#include "core/quota/limiters.hpp"

#include <doctest/doctest.h>

#include <vector>

// A limit that falls and rises again within its window, against a count of what was let through.

using namespace std::chrono_literals;
using namespace core_test;

namespace {

constexpr std::size_t most_in_flight = 4;

/// Sends as fast as it may for an hour; four are under way at once, each answered 100 ms later.
std::size_t sent_in_an_hour(const std::vector<std::size_t>& odd_answers, std::size_t odd_from)
{
    rate_limiter limiter(doks::digitalocean_limits());
    std::size_t sent = 0, answered = 0;
    for (auto now = start; now < start + 59min;) {
        std::vector<rate_limiter::ticket> taken;
        while (taken.size() < most_in_flight) {
            const auto ticket = limiter.reserve(now);
            if (!ticket) break;
            taken.push_back(*ticket);
        }
        if (taken.empty()) {
            now = limiter.next(now);
            continue;
        }
        sent += taken.size();
        now += 100ms;
        for (const auto& each : taken) {
            const std::size_t i = answered++;
            doks::core::response_hints said;
            said.rate_limit.limit = i - odd_from < odd_answers.size() ? odd_answers[i - odd_from] : 5000;
            limiter.settle(each, said, {now, {}, 0});
        }
    }
    return sent;
}

}

TEST_CASE("a limit that is lowered and comes back within the hour lets nothing through twice")
{
    CHECK(sent_in_an_hour({}, 0) <= 5000);
    for (std::size_t from = 4500; from < 4508; ++from) CHECK(sent_in_an_hour({1, 1, 1}, from) <= 5000);
}
