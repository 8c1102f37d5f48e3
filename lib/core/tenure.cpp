#include "core/tenure.hpp"

#include <algorithm>

namespace doks::core {

namespace {

using namespace std::chrono_literals;

struct pauses
{
    duration first, longest;
};

pauses pauses_after(tenure::trouble what) noexcept
{
    switch (what) {
    case tenure::trouble::not_ready:
        return {30s, 30s};
    case tenure::trouble::denied:
    case tenure::trouble::missing:
        return {1min, 10min};
    case tenure::trouble::gone:
        return {10min, 1h};
    default:
        return {5s, 2min};
    }
}

duration part(duration of, double unit) noexcept
{
    return std::chrono::duration_cast<duration>(std::chrono::duration<double>(of) * unit);
}

}

void tenure::obtained(instant since, instant expires, duration margin, double unit) noexcept
{
    constexpr duration same = 2s; // a server's date knows no more than the second
    failures_ = 0;
    if (expires == never) {
        expires_ = due_ = never;
        return;
    }
    const bool again = life_ > duration::zero() && expires > expires_ - same && expires < expires_ + same;
    expires_ = expires;
    if (!again) life_ = (std::max)(expires - since, duration::zero());
    const duration ahead = margin > duration::zero() ? (std::min)(margin, life_ / 2) : life_ / 5;
    due_ = expires - ahead + part(ahead / 2, unit);
    // One that comes back unchanged, as certificates may, is not asked for again at once.
    due_ = (std::max)(due_, since + (std::min<duration>)(life_ / 20, 1h));
}

void tenure::failed(instant now, trouble what, instant not_before, double unit) noexcept
{
    constexpr unsigned most_doublings = 16;
    constexpr duration spread = 10s;
    auto [first, longest] = pauses_after(what);
    if (what != trouble::gone && life_ > duration::zero()) {
        longest = (std::min)(longest, (std::max<duration>)(1s, life_ / 20));
        first = (std::min)(first, longest);
    }
    const duration pause = (std::min<duration>)(first * (1LL << (std::min)(failures_, most_doublings)), longest);
    ++failures_;
    due_ = now + pause / 2 + part(pause / 2, unit);
    if (not_before > due_) due_ = not_before + part(spread, unit);
}

void tenure::refused(instant now) noexcept
{
    expires_ = (std::min)(expires_, now);
    if (failures_ == 0) due_ = (std::min)(due_, now);
}

}
