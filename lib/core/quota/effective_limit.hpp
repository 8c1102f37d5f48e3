#pragma once

#include "core/outcome.hpp"

#include <algorithm>
#include <cstddef>

namespace doks::core {

/** The limit of the longest window, as it was configured and as the responses' `ratelimit-limit` corrects it.

    Three responses in a row have to agree on another one, lower or higher, for a single response may come from something in
    between, or be wrong. Higher than configured only where that is DigitalOcean's own limit, for an account may have
    more, and ten times that at most.
*/
class effective_limit
{
public:
    effective_limit() = default;
    explicit effective_limit(const rate_window& configured)
        : configured_(configured)
        , ceiling_(configured == digitalocean_limits().back() ? configured.limit * most_raise : configured.limit)
    {}

    /// The header speaks of the hour. It is ours if ours is as long, or if it has the same limit (scaled down in tests).
    bool speaks_of_ours(std::size_t said) const noexcept
    {
        if (said == 0 || said > largest_sane || configured_.limit == 0) return false;
        return configured_.per >= std::chrono::hours(1) || said == configured_.limit;
    }

    /// True if it is the limit that is known already, or that the responses now agree on.
    bool heard(std::size_t said) noexcept
    {
        agreeing_ = said == candidate_ ? agreeing_ + 1 : 1;
        candidate_ = said;
        if (agreeing_ == answers_that_convince) agreed_ = said;
        if (agreed_ == 0) return said == configured_.limit || said == digitalocean_limits().back().limit;
        return said == agreed_;
    }

    /// What holds.
    std::size_t limit() const noexcept { return agreed_ == 0 ? configured_.limit : (std::min)(agreed_, ceiling_); }

private:
    static constexpr std::size_t most_raise = 10;
    static constexpr std::size_t largest_sane = 100'000'000;
    static constexpr unsigned answers_that_convince = 3;

    rate_window configured_;
    std::size_t ceiling_ = 0;
    std::size_t agreed_ = 0; ///< 0 before any three agreed
    std::size_t candidate_ = 0;
    unsigned agreeing_ = 0;
};

}
