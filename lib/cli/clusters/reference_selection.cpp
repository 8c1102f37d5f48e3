#include "cli/clusters/reference_selection.hpp"

#include "cli/clusters/cluster_reference.hpp"

#include <doks/cluster_index.hpp>

#include <utility>

namespace doks::cli {

void reference_selection::replace(const std::vector<std::string>& references)
{
    ids_.clear();
    names_.clear();
    for (const std::string& each : references)
        is_cluster_id(each) ? ids_.insert(canonical_cluster_id(each)) : names_.insert(each);
    std::erase_if(meanings_, [&](const auto& known) { return !names_.contains(known.first); });
    complained_.clear();
}

std::vector<std::string> reference_selection::unresolved() const
{
    std::vector<std::string> complaints;
    for (const auto& [name, complaint] : complained_) complaints.push_back(complaint);
    return complaints;
}

reference_selection::selection reference_selection::select(const std::vector<cluster>& listed)
{
    const cluster_index index(listed);
    selection made{ids_, {}};
    for (const std::string& name : names_) {
        const auto found = index.find_by_name(name);
        if (found) {
            meanings_[name] = found->id;
            complained_.erase(name);
        } else {
            std::string complaint = named_wrongly(found.error()).what();
            if (const auto known = meanings_.find(name); known != meanings_.end())
                complaint += "; " + known->second + ", which it meant before, stays kept";
            if (std::exchange(complained_[name], complaint) != complaint)
                made.complaints.push_back(std::move(complaint));
        }
        if (const auto known = meanings_.find(name); known != meanings_.end()) made.ids.insert(known->second);
    }
    return made;
}

}
