#include "api/clusters/cluster_choice.hpp"

#include <doks/cluster_index.hpp>

namespace doks::api {

result<std::vector<cluster>> all_of(std::vector<cluster> seen) { return seen; }

result<std::vector<cluster>> selected(const cluster_selector& wanted, std::vector<cluster> seen)
{
    std::erase_if(seen, [&](const cluster& each) { return !matches(wanted, each); });
    return seen;
}

result<cluster> the_one_named(const std::string& name, const std::vector<cluster>& seen)
{
    return cluster_index(seen).find_by_name(name);
}

}
