#include "api/clusters/cluster_choice.hpp"

#include "api/decode/bodies.hpp"
#include "core/redactor.hpp"

#include <algorithm>
#include <utility>

namespace doks::api {

namespace {

std::string counted(std::size_t count) { return std::to_string(count) + (count == 1 ? " cluster" : " clusters"); }

failure about(const std::string& name, errc cause, std::string detail, std::string remedy)
{
    failure_record record;
    // It may be the token, given in the wrong place.
    const bool is_secret = core::redactor().recognises(name);
    record.operation =
        "cluster by its name '" + (is_secret ? std::string(core::redactor::redacted_text) : printable(name)) + "'";
    record.code = cause;
    record.detail = std::move(detail);
    record.remedy = std::move(remedy);
    return failure(std::move(record));
}

failure none_named(const std::string& name, std::size_t seen)
{
    return about(name, errc::no_such_cluster, "none of the " + counted(seen) + " that this token sees has this name",
        "check the name and the token's team");
}

failure several_named(const std::string& name, const std::vector<const cluster*>& seen)
{
    std::string ids;
    for (const cluster* each : seen) ids.append(ids.empty() ? "" : ", ").append(printable(each->id));
    return about(
        name, errc::ambiguous_name, counted(seen.size()) + " have this name: " + ids, "give the id of one of them");
}

}

result<std::vector<cluster>> all_of(std::vector<cluster> seen) { return seen; }

result<std::vector<cluster>> selected(const cluster_selector& wanted, std::vector<cluster> seen)
{
    std::erase_if(seen, [&](const cluster& each) { return !matches(wanted, each); });
    return seen;
}

clusters_by_name::clusters_by_name(const std::vector<cluster>& seen)
    : count_(seen.size())
{
    for (const cluster& each : seen) by_name_[each.name].push_back(&each);
}

result<cluster> clusters_by_name::the_one(const std::string& name) const
{
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return none_named(name, count_);
    if (found->second.size() > 1) return several_named(name, found->second);
    return *found->second.front();
}

result<cluster> the_one_named(const std::string& name, const std::vector<cluster>& seen)
{
    return clusters_by_name(seen).the_one(name);
}

}
