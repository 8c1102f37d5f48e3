#pragma once

#include "kubeconfig/file/documents.hpp"
#include "kubeconfig/file/random/made_credentials.hpp"

#include <doks/kubeconfig_file.hpp>

#include <optional>
#include <string>
#include <vector>

// Kubeconfigs that are merged into the random ones of mixed_config.

using strings = std::vector<std::string>;

/// A kubeconfig that is merged.
struct arriving_config
{
    unsigned cluster;
    unsigned form;
    std::string secret; ///< by which its credential is found
    std::string text;
};

/// As the API, `save --exec` or single sign-on gives it; of a cluster of `mixed_config`.
arriving_config arrival_of(unsigned cluster, unsigned form, made_rng& rng);
inline constexpr unsigned arriving_forms = 5;

doks::kube::kubeconfig_set set_of(const strings& files);
strings texts_of(const doks::kube::kubeconfig_set& set);

/// The files after a merge, and the entries that it wrote.
struct merged_files
{
    strings files;
    std::vector<doks::merged_kubeconfig> entries;
};

/// Nothing where a name was refused.
std::optional<merged_files> merge(const strings& into, const std::vector<arriving_config>& arrivals,
    doks::name_collision policy, const std::string& alias);
