#pragma once

#include <doks/cluster.hpp>

#include <string>
#include <vector>

namespace doks {

/** Selects clusters of a listing by region, tag and state.

    An empty list matches every cluster; each other list has to contain the cluster's region, one of its tags, or its state.
    Case counts. The API has no such filter: the whole list is fetched and then filtered.
*/
struct cluster_selector
{
    std::vector<std::string> regions;
    std::vector<std::string> tags;
    std::vector<std::string> states;

    bool empty() const noexcept { return regions.empty() && tags.empty() && states.empty(); }
};

/// Whether the selector selects this cluster.
bool matches(const cluster_selector& wanted, const cluster& listed);

}
