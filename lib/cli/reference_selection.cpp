#include "cli/reference_selection.hpp"

#include "api/clusters/cluster_choice.hpp"
#include "cli/cluster_reference.hpp"

#include <utility>

namespace doks::cli {

void reference_selection::replace(const std::vector<std::string>& references)
{
    ids_.clear();
    names_.clear();
    for (const std::string& each : references)
        is_uuid(each) ? ids_.insert(kube::canonical_id(each)) : names_.insert(each);
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
    const api::clusters_by_name by_name(listed);
    selection made{ids_, {}};
    for (const std::string& name : names_) {
        const auto found = by_name.the_one(name);
        if (found) {
            meanings_[name] = found->id;
            complained_.erase(name);
        } else {
            std::string complaint = named_wrongly(name, found.error()).what();
            if (const auto known = meanings_.find(name); known != meanings_.end())
                complaint += "; " + known->second + ", which it meant before, goes on being kept";
            if (std::exchange(complained_[name], complaint) != complaint)
                made.complaints.push_back(std::move(complaint));
        }
        if (const auto known = meanings_.find(name); known != meanings_.end()) made.ids.insert(known->second);
    }
    return made;
}

}
