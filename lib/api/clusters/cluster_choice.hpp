#pragma once

#include <doks/cluster.hpp>
#include <doks/cluster_selector.hpp>
#include <doks/failure.hpp>

#include <string>
#include <vector>

namespace doks::api {

/// The results of a listing: pure functions of the clusters that the token sees.
result<std::vector<cluster>> all_of(std::vector<cluster> seen);
result<std::vector<cluster>> selected(const cluster_selector& wanted, std::vector<cluster> seen);
/// Fails with `no_such_cluster` or `ambiguous_name`.
result<cluster> the_one_named(const std::string& name, const std::vector<cluster>& seen);

}
