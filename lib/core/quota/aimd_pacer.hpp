#pragma once

#include "core/outcome.hpp"

#include <algorithm>
#include <cstddef>

namespace doks::core {

/** How far apart a bulk's requests go where many share a token and one was refused.

    Slots that come free vanish within a round trip when all users reach for them at once. So after a refusal beside
    others the bulk goes at its own pace, but spaced evenly, at half of that after each further one, and closes up by
    an eighth with each window that passes, by three quarters of the way where the others have gone quiet.
    @see additive increase, multiplicative decrease (Chiu and Jain, 1989).
*/
class aimd_pacer
{
public:
    /// `own`: requests in a window until now.
    void refused(std::size_t own, duration window, instant now) noexcept
    {
        const duration even = window / static_cast<duration::rep>((std::max)(own, std::size_t(1)));
        const duration wanted = spacing_ == duration::zero() ? (std::min)(even, window / 5) : 2 * spacing_;
        spacing_ = (std::min)(wanted, window);
        since_ = now;
    }
    /// `others`: their requests in a window.
    void answered(const rate_window& window, std::size_t others, instant now) noexcept
    {
        if (spacing_ == duration::zero()) return;
        const std::chrono::duration<double> passed = (std::min)(now - since_, window.per);
        const double part = others < window.limit / 4 ? 0.75 : 0.125;
        spacing_ = std::chrono::duration_cast<duration>(spacing_ * (1 - part * (passed / window.per)));
        since_ = now;
        if (spacing_ < window.per / static_cast<duration::rep>(window.limit)) spacing_ = duration::zero();
    }
    duration spacing() const noexcept { return spacing_; }

private:
    duration spacing_{};
    instant since_{};
};

}
