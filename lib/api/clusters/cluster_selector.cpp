#include <doks/cluster_selector.hpp>

#include <algorithm>

namespace doks {

namespace {

bool holds(const std::vector<std::string>& wanted, const std::string& value)
{
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

}

bool matches(const cluster_selector& wanted, const cluster& listed)
{
    const auto is_wanted = [&](const std::string& tag) { return holds(wanted.tags, tag); };
    const bool tagged = wanted.tags.empty() || std::any_of(listed.tags.begin(), listed.tags.end(), is_wanted);
    return tagged && holds(wanted.regions, listed.region) && holds(wanted.states, listed.state);
}

}
