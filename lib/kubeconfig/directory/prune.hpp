#pragma once

#include "kubeconfig/directory/indexed_directory.hpp"

#include <doks/cluster.hpp>
#include <doks/kubeconfig_directory.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doks::kube {

// Both take the directory's lock, and remove only files that are doks' own.

/// Removes the files of clusters that are not listed. Errors: `invalid_argument` beyond the limit; nothing is removed then.
file_result<prune_result> prune(const indexed_directory& directory, const std::vector<cluster>& listed,
    const std::optional<std::string>& label, prune_limit limit);

/// Removes one; with `only`, if these bytes are still what is there.
file_result<prune_result> erase(const indexed_directory& directory, const std::string& id, std::string_view only);

/// Removes one whose credential has expired.
file_result<prune_result> erase_expired(const indexed_directory& directory, const std::string& id);

}
