#pragma once

#include <doks/cluster.hpp>
#include <doks/failure.hpp>

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace doks {

/// A cluster's id is a UUID, in upper or lower case.
bool is_cluster_id(std::string_view text) noexcept;

/// An id as the API writes it, in lower case; every other text is returned unchanged.
std::string canonical_cluster_id(std::string text);

/** Finds clusters of one listing, for callers that look up many of them.

    @par Lifetime
    It refers to the listing, which must outlive it.
    @par Thread safety
    Any thread, while the listing does not change.
    @see client::find_cluster for a single name
*/
class cluster_index
{
public:
    explicit cluster_index(const std::vector<cluster>& listed);
    explicit cluster_index(std::vector<cluster>&&) = delete;

    /// The only cluster of this name; else a failure with `no_such_cluster` or `ambiguous_name`, which lists the ids.
    result<cluster> find_by_name(const std::string& name) const;
    /// In upper or lower case; null if no listed cluster has this id.
    const cluster* find_by_id(const std::string& id) const;

private:
    std::unordered_map<std::string_view, std::vector<const cluster*>> by_name_;
    std::unordered_map<std::string_view, const cluster*> by_id_;
};

}
