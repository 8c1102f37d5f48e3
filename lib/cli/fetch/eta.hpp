#pragma once

#include <doks/rate_limit.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <vector>

namespace doks::cli {

/** How long more requests have to take at least, by what this process used of the quota.

    Shape: a request counts from the arrival of its answer until its window has passed. It only tells; the SDK's
    own rate gate decides.
*/
class eta
{
public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit eta(std::vector<rate_window> windows);

    void answered(time_point now, const rate_limit_snapshot& said, std::chrono::system_clock::time_point wall_now);

    /** How long the windows hold back the last of `count` further requests: zero if they hold back none.

        Shape: where the API says that less is left of the longest window than this process knows, not before its reset.
        Cost: O(count) time, O(longest window) memory.
    */
    std::chrono::nanoseconds wait_for(std::size_t count, time_point now) const;

private:
    std::vector<rate_window> windows_;
    std::size_t most_;
    std::deque<time_point> used_;
    std::size_t said_left_ = static_cast<std::size_t>(-1);
    time_point said_reset_{};
};

}
