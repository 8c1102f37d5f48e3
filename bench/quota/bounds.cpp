#include "quota/report.hpp"

// The bounds that each kind of scenario is held to.

namespace quota {

using namespace std::chrono_literals;

namespace {

constexpr duration round_trip = 400ms;

void require(bool holds, const std::string& what, std::string& lacking)
{
    if (!holds) lacking += (lacking.empty() ? "" : ", ") + what;
}

std::string broken_when_idle(const row& one)
{
    std::string lacking;
    const auto windows = one.best / 1min + 1;
    require(one.seen.makespan <= one.best * 103 / 100 + windows * round_trip, "makespan", lacking);
    require(one.seen.refused == 0, "refusals", lacking);
    return lacking;
}

std::string broken_when_shared(const row& one)
{
    std::string lacking;
    require(one.refused_percent() <= 2, "refusals", lacking);
    require(one.seen.steady_share >= 0.45 && one.seen.steady_share <= 0.55, "share", lacking);
    return lacking;
}

std::string broken_in_herd(const row& one)
{
    std::string lacking;
    require(one.seen.first_second <= 1, "first second", lacking);
    // Each was refused once before, to learn that nothing is left; what counts is what the reset brings.
    require(one.seen.refused_after_reset <= one.of.processes, "refusals", lacking);
    return lacking;
}

}

std::string broken(const row& one)
{
    std::string lacking;
    switch (one.of.judged_by) {
    case bound::none:
        return lacking;
    case bound::idle:
        lacking = broken_when_idle(one);
        break;
    case bound::shared:
        lacking = broken_when_shared(one);
        break;
    case bound::herd:
        lacking = broken_in_herd(one);
        break;
    case bound::restart:
        require(one.seen.refused <= 1, "refusals", lacking);
        break;
    case bound::day:
        require(one.seen.real_seconds < 10, "real time", lacking);
        break;
    }
    if (one.of.judged_by != bound::day) require(one.seen.finished, "unfinished", lacking);
    return lacking;
}

}
