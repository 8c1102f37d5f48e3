#pragma once

#include "kubeconfig/file/kubeconfig_set.hpp"

#include <doks/merge.hpp>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace doks::kube {

class config_files;

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

/** Takes contexts out of a set, with the clusters and users that are ours and that nothing refers to any more.

    Errors: a word that fits several; nothing was taken out then.
*/
std::optional<ambiguity> remove_from(kubeconfig_set& set, std::span<const std::string> words, remove_result& outcome);

/// Takes out one context of ours, in the same way; current-context stays.
void take_out(kubeconfig_set& set, entry_place context);

}
