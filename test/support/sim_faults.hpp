#pragma once

#include <doks/sim/simulator.hpp>

#include <string>
#include <utility>

// Faults that tests script into the simulator.

namespace doks::test {

inline sim::fault fault_of(sim::fault_kind kind, unsigned status = 503)
{
    sim::fault made;
    made.kind = kind;
    made.status = status;
    return made;
}

/// A response with this body in place of the simulator's own.
inline sim::fault answer_with(std::string body, unsigned status = 200, std::string type = "application/json")
{
    sim::fault made = fault_of(sim::fault_kind::status_html, status);
    made.body = std::move(body);
    made.content_type = std::move(type);
    return made;
}

}
