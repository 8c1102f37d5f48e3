#include "quota/process_model.hpp"

// A process with the library's limiter in virtual time; see process_model.hpp.

namespace quota {

using namespace std::chrono_literals;

namespace {

constexpr rate_limiter::terms bulk{doks::core::priority::bulk, 0};

}

process_model::process_model(std::size_t ids, std::uint64_t seed)
    : rng_(seed)
    , pending_(ids)
{}

std::optional<rate_limiter::ticket> process_model::try_send(instant now)
{
    if (!has_room()) return std::nullopt;
    const auto ticket = limiter_.reserve(now, bulk);
    if (!ticket) return std::nullopt;
    --pending_;
    ++in_flight_;
    ++sent_;
    count_return(now);
    return ticket;
}

/// As the gate: a slot that seems free although none was given is looked for again soon.
std::optional<instant> process_model::wakes_at(instant now) const
{
    if (!has_room()) return std::nullopt;
    const instant at = limiter_.next(now, bulk);
    return at > now ? at : now + 50ms;
}

void process_model::hear(const rate_limiter::ticket& used, const reply& said, instant now, wall_time wall)
{
    const rate_limiter::arrival at{now, wall, rng_.unit()};
    --in_flight_;
    if (said.admitted) {
        ++served_;
        limiter_.settle(used, said.hints, at);
    } else {
        ++refused_;
        if (reset_ && now >= *reset_) ++refused_after_reset_;
        ++pending_;
        limiter_.refuse(used, said.hints, at);
    }
}

void process_model::count_return(instant now)
{
    if (!reset_ || now < *reset_) return;
    if (!returned_) returned_ = now;
    if (now < *returned_ + 1s) ++first_second_;
}

}
