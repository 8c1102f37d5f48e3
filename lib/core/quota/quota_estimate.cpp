#include "core/quota/quota_estimate.hpp"

#include <algorithm>

namespace doks::core {

namespace {

/** The time of the request behind `ahead` others, by the first `count` windows, the shortest ones.

    A window that is used up is free again after its length, so whole windows only add their lengths.
*/
instant time_of(
    const rate_limiter& limiter, instant now, const rate_limiter::terms& on, std::size_t ahead, std::size_t count)
{
    if (count == 0) return limiter.next(now, on, ahead);
    const auto& window = limiter.windows()[count - 1];
    const auto at = time_of(limiter, now, on, ahead, count - 1);
    const auto rounds = ahead / window.limit;
    if (rounds == 0) return at;
    const auto rest = time_of(limiter, now, on, ahead % window.limit, count - 1);
    return (std::max)(at, rest + static_cast<duration::rep>(rounds) * window.per);
}

}

instant estimate(const rate_limiter& limiter, instant now, const rate_limiter::terms& on, std::size_t count)
{
    return count == 0 ? now : time_of(limiter, now, on, count - 1, limiter.windows().size());
}

}
