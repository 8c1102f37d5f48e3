#pragma once

#include "core/outcome.hpp"

#include <algorithm>
#include <cstddef>

namespace doks::core {

/** How fast connections are opened to an origin that cannot be reached: one at a time, each after a pause.

    The pause doubles with each failure in a row, from 100 ms to 5 s, less up to half of it at random. A failure during a pause
    does not count, for that connection was begun before. The first connection that opens ends the pauses.
*/
class reconnect_backoff
{
public:
    void failed(instant now, double unit) noexcept
    {
        constexpr unsigned most_doublings = 6;
        if (failures_ != 0 && now < until_) return;
        const duration pause = (std::min)(first * (1 << (std::min)(failures_, most_doublings)), longest);
        ++failures_;
        until_ = now + pause / 2 + std::chrono::duration_cast<duration>(pause / 2 * unit);
    }
    void succeeded() noexcept { failures_ = 0; }

    bool allows(instant now, std::size_t opening) const noexcept
    {
        return failures_ == 0 || (opening == 0 && now >= until_);
    }
    /// The end of the pause; in the past if there is none.
    instant until() const noexcept { return failures_ == 0 ? instant() : until_; }

private:
    static constexpr duration first = std::chrono::milliseconds(100);
    static constexpr duration longest = std::chrono::seconds(5);

    unsigned failures_ = 0;
    instant until_{};
};

}
