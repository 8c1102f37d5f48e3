#pragma once

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace doks::sim {

/** A kind of object that the Kubernetes API knows. */
struct kube_kind
{
    std::string_view group;      ///< Empty is the core group.
    std::string_view resource;   ///< `configmaps`
    std::string_view kind;       ///< `ConfigMap`
    std::string_view short_name; ///< `cm`, or empty.
    bool namespaced;
    bool is_shown; ///< false: a question that is posted, and no object.
};

/** Every kind is of version v1. nullptr if there is none. */
const kube_kind* find_kind(std::string_view group, std::string_view resource);

/** `v1` or `apps/v1`. */
std::string group_version(std::string_view group);

/** `/api`: APIVersions. */
boost::json::object core_versions();

/** `/apis`: APIGroupList. */
boost::json::object group_list();

/** `/apis/<group>`: APIGroup; nullopt for an unknown one. */
std::optional<boost::json::object> group_body(std::string_view group);

/** `/api/v1` and `/apis/<group>/v1`: APIResourceList; nullopt for an unknown group. */
std::optional<boost::json::object> resource_list(std::string_view group);

/** `/version`, for a cluster of DigitalOcean version `1.32.4-do.0`. */
boost::json::object version_body(std::string_view cluster_version);

}
