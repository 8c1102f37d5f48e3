#pragma once

#include "core/outcome.hpp"

#include <algorithm>

namespace doks::core {

/** Whether 404s mean that a cluster is gone.

    Shape: a plain value. One 404, or several within seconds, may come from a replica that lags behind or from the token
    of another team. A cluster is gone once the API has answered 404 three times or more, the last of them half an hour or
    more after the first, nothing has shown the cluster in between, and its last credential has expired: 404s alone take
    away nothing that is valid. If a credential lives for less than half an hour, its life is long enough.
*/
class absence
{
public:
    static constexpr unsigned answers_needed = 3;
    static constexpr duration time_needed = std::chrono::minutes(30);

    /// The API answered 404. `life` and `expires` are the last credential's, from its request on; zero if there was none.
    void not_found(instant now, duration life, instant expires) noexcept
    {
        if (answers_++ == 0) since_ = now;
        const auto needed = life > duration::zero() ? (std::min)(life, time_needed) : time_needed;
        gone_ = gone_ || (answers_ >= answers_needed && now - since_ >= needed && now >= expires);
    }
    /// Evidence that the cluster exists: a listing that names it, or a credential.
    void seen() noexcept { *this = absence(); }

    bool is_suspected() const noexcept { return answers_ != 0; }
    bool is_gone() const noexcept { return gone_; }

private:
    instant since_{};
    unsigned answers_ = 0;
    bool gone_ = false;
};

}
