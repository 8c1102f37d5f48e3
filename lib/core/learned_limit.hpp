#pragma once

#include "core/outcome.hpp"

#include <algorithm>
#include <cstddef>

namespace doks::core {

/** The limit of the longest window, as it was configured and as the answers' `ratelimit-limit` corrects it.

    A lower one holds at once, a higher one when three answers in a row agree on it; higher than configured only where that
    is DigitalOcean's own limit, for an account may have more, and ten times that at most.
*/
class learned_limit
{
public:
    learned_limit() = default;
    explicit learned_limit(const rate_window& configured)
        : configured_(configured)
        , ceiling_(configured == digitalocean_limits().back() ? configured.limit * most_raise : configured.limit)
    {}

    /// The header speaks of the hour. It is ours if ours is as long, or if it has the same limit (scaled down in tests).
    bool speaks_of_ours(std::size_t said) const noexcept
    {
        if (said == 0 || said > largest_sane || configured_.limit == 0) return false;
        return configured_.per >= std::chrono::hours(1) || said == configured_.limit;
    }

    /// What holds from now on, where `current` held until now.
    std::size_t heard(std::size_t said, std::size_t current) noexcept
    {
        agreeing_ = said == candidate_ ? agreeing_ + 1 : 1;
        candidate_ = said;
        const std::size_t wanted = (std::min)(said, ceiling_);
        return wanted > current && agreeing_ < answers_that_raise ? current : wanted;
    }

private:
    static constexpr std::size_t most_raise = 10;
    static constexpr std::size_t largest_sane = 100'000'000;
    static constexpr unsigned answers_that_raise = 3;

    rate_window configured_;
    std::size_t ceiling_ = 0;
    std::size_t candidate_ = 0;
    unsigned agreeing_ = 0;
};

}
