#pragma once

#include "quota/server_model.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace quota {

/// What a scenario is judged by, if at all.
enum class bound
{
    none,
    idle,    ///< as fast as possible and never refused
    shared,  ///< about half of what there is, and hardly ever refused
    herd,    ///< no process storms back
    restart, ///< the first response tells
    day      ///< fast to simulate
};

/// Another user of the token, who asks at random times whether it is refused or not (Poisson arrivals).
struct rival_terms
{
    double fraction = 0; ///< of what the window lets through
    doks::rate_window window{250, std::chrono::minutes(1)};
    duration lead{}; ///< how long it has been at it when we start

    duration pause() const
    {
        return std::chrono::duration_cast<duration>(window.per / (fraction * static_cast<double>(window.limit)));
    }
    std::size_t within(duration per) const { return fraction == 0 ? 0 : static_cast<std::size_t>(per / pause()); }
};

struct scenario
{
    std::string name;
    bound judged_by = bound::none;
    server_rules rules{};
    std::size_t ids = 1'000;   ///< of all processes together
    std::size_t processes = 1; ///< dealt out to the tokens in turn
    std::size_t tokens = 1;
    rival_terms rival{};
    std::vector<duration> used{}; ///< requests before the start, by their distance from it, rising
    duration spread{};            ///< processes start at random within it
    duration horizon = std::chrono::hours(96);
    std::uint64_t seed = 1;
};

std::string variant(const server_rules& rules);
/// True if the hour is used up when the processes start.
bool is_exhausted(const scenario& of);
/// Every question in all four variants of the server's rule.
std::vector<scenario> all_scenarios();

/** The shortest time in which sliding windows let the ids through, were there no latency.

    Beside a rival: within what it leaves, were its requests spread evenly; half of the hour at least.
*/
duration best_possible(const scenario& of, std::size_t ids);

}
