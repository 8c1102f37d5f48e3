#include <doks/cluster_index.hpp>

#include "api/decode/bodies.hpp"
#include "core/redactor.hpp"
#include "kubeconfig/read/server_key.hpp"

#include <cstddef>
#include <utility>

namespace doks {

namespace {

std::string counted(std::size_t count) { return std::to_string(count) + (count == 1 ? " cluster" : " clusters"); }

/// The failure of a search for this name, which is shown printable and cut.
failure about(const std::string& name, errc cause, std::string detail, std::string remedy)
{
    // It may be the token, given in the wrong place.
    const bool is_secret = core::redactor().recognises(name);
    const auto shown = is_secret ? std::string(core::redactor::redacted_text) : api::printable(name);
    return failure(cause, "cluster '" + shown + "'", std::move(detail), std::move(remedy));
}

failure none_named(const std::string& name, std::size_t seen)
{
    return about(name, errc::no_such_cluster, "none of the " + counted(seen) + " that this token sees has this name",
        "check the name and the token's team");
}

failure several_named(const std::string& name, const std::vector<const cluster*>& seen)
{
    std::string ids;
    for (const cluster* each : seen) ids.append(ids.empty() ? "" : ", ").append(api::printable(each->id));
    return about(
        name, errc::ambiguous_name, counted(seen.size()) + " have this name: " + ids, "give the id of one of them");
}

}

bool is_cluster_id(std::string_view text) noexcept { return kube::is_uuid(text); }

std::string canonical_cluster_id(std::string text) { return kube::canonical_id(std::move(text)); }

cluster_index::cluster_index(const std::vector<cluster>& listed)
{
    for (const cluster& each : listed) {
        by_name_[each.name].push_back(&each);
        by_id_.emplace(each.id, &each);
    }
}

result<cluster> cluster_index::find_by_name(const std::string& name) const
{
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return none_named(name, by_id_.size());
    if (found->second.size() > 1) return several_named(name, found->second);
    return *found->second.front();
}

const cluster* cluster_index::find_by_id(const std::string& id) const
{
    const auto found = by_id_.find(canonical_cluster_id(id));
    return found == by_id_.end() ? nullptr : found->second;
}

}
