#include "api/cluster_choice.hpp"

#include "api/bodies.hpp"

#include <algorithm>
#include <utility>

namespace doks::api {

namespace {

std::string counted(std::size_t count) { return std::to_string(count) + (count == 1 ? " cluster" : " clusters"); }

failure about(const std::string& name, errc cause, std::string detail, std::string remedy)
{
    failure_record record;
    record.operation = "cluster by its name '" + printable(name) + "'";
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

failure several_named(const std::string& name, const std::vector<cluster>& seen)
{
    std::size_t count = 0;
    std::string ids;
    for (const auto& each : seen) {
        if (each.name != name) continue;
        ++count;
        ids.append(ids.empty() ? "" : ", ").append(printable(each.id));
    }
    return about(name, errc::ambiguous_name, counted(count) + " have this name: " + ids, "give the id of one of them");
}

}

result<std::vector<cluster>> all_of(std::vector<cluster> seen) { return seen; }

result<std::vector<cluster>> selected(const cluster_selector& wanted, std::vector<cluster> seen)
{
    std::erase_if(seen, [&](const cluster& each) { return !matches(wanted, each); });
    return seen;
}

result<cluster> the_one_named(const std::string& name, std::vector<cluster> seen)
{
    const auto has_it = [&](const cluster& each) { return each.name == name; };
    const auto found = std::find_if(seen.begin(), seen.end(), has_it);
    if (found == seen.end()) return none_named(name, seen.size());
    if (std::any_of(found + 1, seen.end(), has_it)) return several_named(name, seen);
    return std::move(*found);
}

}
