#pragma once

#include <doks/cluster.hpp>

#include <string>
#include <vector>

namespace doks {

/** Which of the listed clusters are meant.

    Shape: a list that is empty asks for nothing; of the others each must hold what the cluster has: its region, one of
    its tags, its state. Names are compared as they are. The API lists every cluster, so what is not meant is left out
    on this side.
*/
struct cluster_selector
{
    std::vector<std::string> regions;
    std::vector<std::string> tags;
    std::vector<std::string> states;

    bool empty() const noexcept { return regions.empty() && tags.empty() && states.empty(); }
};

bool matches(const cluster_selector& wanted, const cluster& listed);

}
