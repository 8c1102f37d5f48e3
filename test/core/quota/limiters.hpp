#pragma once

#include "core/quota/rate_limiter.hpp"

#include "core/retry/retry_fixture.hpp"

#include <utility>
#include <vector>

// Limiters in the states from which tests begin.

namespace core_test {

using doks::core::rate_limiter;

inline rate_limiter::terms leaving(std::size_t slots) { return {doks::core::priority::single, slots}; }
inline rate_limiter::terms in_bulk(std::size_t reserved_slots = 0)
{
    return {doks::core::priority::bulk, reserved_slots};
}

/// A limiter whose first responses came long before `start`: its ramp is behind it, and nothing is in its windows.
inline rate_limiter warmed(std::vector<doks::rate_window> windows, std::size_t ramp = 600)
{
    rate_limiter limiter(std::move(windows));
    for (std::size_t hours_ago = ramp; hours_ago != 0; --hours_ago) {
        const auto then = start - std::chrono::hours(hours_ago);
        limiter.settle(*limiter.reserve(then), then);
    }
    return limiter;
}

}
