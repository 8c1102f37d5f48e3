#pragma once

#include "kubeconfig/config_files.hpp"
#include "kubeconfig/kubeconfig_set.hpp"

#include <string>
#include <vector>

namespace doks::kube {

/// A word that fits contexts of several servers, or one that is ours and one that is not.
struct ambiguity
{
    std::string word;
    std::vector<entry_place> contexts;
};

/// Each of the contexts with its server and its file.
std::string listed(const ambiguity& of, const kubeconfig_set& set, const config_files& files);

/// How each of them can be chosen.
std::string way_out_of(const ambiguity& several, const kubeconfig_set& set);

}
