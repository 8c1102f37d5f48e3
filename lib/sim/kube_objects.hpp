#pragma once

#include "sim/kube_discovery.hpp"
#include "sim/timeline.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace doks::sim {

/** The objects inside one cluster: what a new cluster has, and what its users create. */
class kube_objects
{
public:
    explicit kube_objects(instant now);

    /** Copies in order of namespace and name; an empty namespace is all of them, an empty selector everything. */
    std::vector<boost::json::object> list(
        const kube_kind& kind, std::string_view scope, std::string_view selector) const;

    /** nullptr if there is none; good until the next change. */
    const boost::json::object* find(const kube_kind& kind, std::string_view scope, std::string_view name) const;

    /** Creates or replaces the object that `metadata.name` names, and fills in the rest of its metadata. */
    const boost::json::object& put(
        const kube_kind& kind, std::string_view scope, boost::json::object body, instant now);

    void erase(const kube_kind& kind, std::string_view scope, std::string_view name);

private:
    using key = std::tuple<const kube_kind*, std::string, std::string>;

    void furnish(instant now);

    std::map<key, boost::json::object> objects_;
    std::uint64_t version_ = 1000;
};

/** RFC 7386: members of the patch replace those of the target, null removes them. */
void merge_patch(boost::json::object& target, const boost::json::object& patch);

/** `metadata.name`; empty if there is none that could be a name. */
std::string name_in(const boost::json::object& body);

}
