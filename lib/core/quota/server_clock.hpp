#pragma once

#include "core/outcome.hpp"

#include <optional>

namespace doks::core {

/** The server's clock as its responses' dates tell it: each is a whole second, and the best of them is kept.

    A date is behind the server's clock by up to a second and its response's way; so each bounds it from below, and after a few
    answers the bound is a good one. It is never ahead of the clock: what the server says is over at a time is over then.
*/
class server_clock
{
public:
    /// The hints, with a date as fine as the responses so far allow; they arrived now.
    response_hints refined(response_hints said, instant now) noexcept
    {
        if (!said.date) return said;
        const duration offset = said.date->time_since_epoch() - now.time_since_epoch();
        const bool stepped_back = bound(now) && *bound(now) > offset + largest_lag;
        if (stepped_back || offset >= bound(now).value_or(offset)) {
            offset_ = offset;
            heard_ = now;
        }
        said.date = wall_time(now.time_since_epoch() + *bound(now));
        return said;
    }

private:
    /// A date that lags more than this behind the bound is no slow response: the server's clock was set back.
    static constexpr duration largest_lag = std::chrono::seconds(5);
    /// Two clocks may part by 200 ppm.
    static constexpr int drift = 5'000;

    std::optional<duration> bound(instant now) const noexcept
    {
        if (!offset_) return std::nullopt;
        return *offset_ - (now - heard_) / drift;
    }

    std::optional<duration> offset_;
    instant heard_{};
};

}
