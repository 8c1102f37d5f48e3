#pragma once

#include "core/outcome.hpp"

#include <deque>

namespace quota {

using doks::core::duration;
using doks::core::instant;
using doks::core::wall_time;

/// What DigitalOcean does not document; the hour is a sliding log in any case.
struct server_rules
{
    bool minute_slides = true;
    bool refusals_count = false;
};

/// One wall clock for all, so that whole seconds do not begin where the simulation does.
struct wall_clock
{
    instant origin;
    wall_time at_origin;

    wall_time at(instant when) const
    {
        return at_origin + std::chrono::duration_cast<wall_time::duration>(when - origin);
    }
};

struct reply
{
    bool admitted = false;
    doks::core::response_hints hints;
};

/** One token's limits at the server, which judges a request when it arrives: plain lists of what was counted.

    Source: DigitalOcean's API reference, "Rate Limit".
*/
class server_model
{
public:
    /// `phase` is where a fixed minute begins.
    server_model(server_rules rules, wall_clock clock, instant phase)
        : rules_(rules)
        , clock_(clock)
        , phase_(phase)
    {}

    /// A request that was counted before anybody watched. Times never go back.
    void preload(instant counted);
    reply judge(instant now);

private:
    void forget(instant now);
    instant end_of_minute(instant counted) const;
    std::chrono::seconds until_minute_frees(instant now) const;

    server_rules rules_;
    wall_clock clock_;
    instant phase_;
    std::deque<instant> hour_;
    std::deque<instant> minute_;
};

}
