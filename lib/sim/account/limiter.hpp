#pragma once

#include "sim/timeline.hpp"

#include <doks/sim/rate_limit.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace doks::sim {

/** The limits' decision on one request, and the figures for the response's headers. */
struct verdict
{
    bool admitted = true;
    bool counted = true;                             ///< It uses quota from now on.
    std::size_t remaining = 0;                       ///< Of the hour; 0 on any refusal.
    instant reset;                                   ///< When the oldest counted request of the hour expires.
    std::optional<std::chrono::seconds> retry_after; ///< Only on a refusal by the minute.
};

/** One token's limits: plain lists of the times at which requests were counted.

    As simple as the documentation that it follows, and on purpose unlike the client's limiter: the two must not share a
    mistake. A token_record owns it.
*/
class limiter
{
public:
    explicit limiter(rate_limit limit)
        : limit_(limit)
    {}

    /** Decides about a request that arrives now. Times of successive calls must not go back. */
    verdict judge(instant now);

    const rate_limit& limit() const { return limit_; }

private:
    void forget_expired(instant now);
    bool minute_is_full() const;
    std::chrono::seconds until_minute_frees(instant now) const;
    void count(instant now);

    rate_limit limit_;
    std::deque<instant> hour_;
    std::deque<instant> minute_;
};

}
