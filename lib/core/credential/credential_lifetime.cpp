#include "core/credential/credential_lifetime.hpp"

#include <algorithm>

namespace doks::core {

namespace {

using namespace std::chrono_literals;

struct pauses
{
    duration first, longest;
};

pauses pauses_after(credential_lifetime::error_class what) noexcept
{
    switch (what) {
    case credential_lifetime::error_class::not_ready:
        return {30s, 30s};
    case credential_lifetime::error_class::denied:
    case credential_lifetime::error_class::missing:
        return {1min, 10min};
    case credential_lifetime::error_class::gone:
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

void credential_lifetime::renewed(instant since, instant expires, duration margin, double unit) noexcept
{
    constexpr duration same = 2s; // a server's date knows no more than the second
    failures_ = 0;
    if (expires == never) {
        expires_ = renew_at_ = never;
        return;
    }
    const bool again = length_ > duration::zero() && expires > expires_ - same && expires < expires_ + same;
    expires_ = expires;
    if (!again) length_ = (std::max)(expires - since, duration::zero());
    const duration ahead = margin > duration::zero() ? (std::min)(margin, length_ / 2) : length_ / 5;
    renew_at_ = expires - ahead + part(ahead / 2, unit);
    // One that comes back unchanged, as certificates may, is not asked for again at once.
    renew_at_ = (std::max)(renew_at_, since + (std::min<duration>)(length_ / 20, 1h));
}

void credential_lifetime::failed(instant now, error_class what, instant not_before, double unit) noexcept
{
    constexpr unsigned most_doublings = 16;
    constexpr duration spread = 10s;
    auto [first, longest] = pauses_after(what);
    if (what != error_class::gone && length_ > duration::zero()) {
        longest = (std::min)(longest, (std::max<duration>)(1s, length_ / 20));
        first = (std::min)(first, longest);
    }
    const duration pause = (std::min<duration>)(first * (1LL << (std::min)(failures_, most_doublings)), longest);
    ++failures_;
    renew_at_ = now + pause / 2 + part(pause / 2, unit);
    if (not_before > renew_at_) renew_at_ = not_before + part(spread, unit);
}

void credential_lifetime::refused(instant now) noexcept
{
    expires_ = (std::min)(expires_, now);
    if (failures_ == 0) renew_at_ = (std::min)(renew_at_, now);
}

}
