#include "net/rate_gate.hpp"

#include <algorithm>

namespace doks::net {

using namespace std::chrono_literals;

void rate_gate::use(std::shared_ptr<shared_limiter> limiter)
{
    limiter_ = std::move(limiter);
    pump();
}

std::optional<core::instant> rate_gate::enter(guest& who, const terms& on)
{
    queue& line = on.lane == lane::single ? single_ : bulk_;
    if (on.lane == lane::bulk) leave_ = on.leave;
    const std::size_t ahead = on.again ? 0 : single_.size() + (on.lane == lane::bulk ? bulk_.size() : 0);
    const auto now = timers_->now();
    const auto at = limiter_->with([&](auto& limiter) { return limiter.next(now, ahead, 0); });
    if (at > on.deadline) return at;
    on.again ? line.push_front(who) : line.push_back(who);
    pump();
    return std::nullopt;
}

void rate_gate::leave(guest& who, lane from)
{
    queue& line = from == lane::single ? single_ : bulk_;
    line.erase(line.iterator_to(who));
    if (waiting() == 0) timers_->clear(*this);
}

std::optional<admission> rate_gate::reserve(lane from)
{
    const auto now = timers_->now();
    const std::size_t spared = from == lane::bulk ? leave_ : 0;
    const auto ticket = limiter_->with([&](auto& limiter) { return limiter.reserve(now, spared); });
    if (!ticket) return std::nullopt;
    return admission{limiter_, *ticket};
}

bool rate_gate::admit_first(queue& from, lane which)
{
    if (from.empty()) return false;
    auto right = reserve(which);
    if (!right) return false;
    guest& first = from.front();
    from.pop_front();
    first.admitted(std::move(*right));
    return true;
}

void rate_gate::pump()
{
    if (pumping_ || !limiter_) return;
    pumping_ = true;
    while (admit_first(single_, lane::single)) {
    }
    while (single_.empty() && admit_first(bulk_, lane::bulk)) {
    }
    pumping_ = false;
    waiting() == 0 ? timers_->clear(*this) : sleep();
}

core::instant rate_gate::next_slot() const
{
    const auto now = timers_->now();
    const std::size_t spared = single_.empty() ? leave_ : 0;
    return limiter_->with([&](auto& limiter) { return limiter.next(now, 0, spared); });
}

/// A slot that seems free although none was given is taken by a probe, of another client perhaps: look again soon.
void rate_gate::sleep()
{
    constexpr auto soon = 50ms;
    const auto now = timers_->now();
    const auto at = next_slot();
    timers_->set(*this, at > now ? at : now + soon);
}

}
