#pragma once

#include "sim/kube/discovery.hpp"
#include "sim/timeline.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace doks::sim {

/** The objects of this kind in a cluster of that age: the ones that a new cluster has, and a pod. Nothing changes them.

    An empty namespace means all of them, an empty selector everything.
*/
std::vector<boost::json::object> list_objects(
    const kube_kind& kind, std::string_view scope, std::string_view selector, instant created);

std::optional<boost::json::object> find_object(
    const kube_kind& kind, std::string_view scope, std::string_view name, instant created);

}
