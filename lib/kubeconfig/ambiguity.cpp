#include "kubeconfig/ambiguity.hpp"

#include "kubeconfig/ownership.hpp"
#include "kubeconfig/server_key.hpp"

#include <algorithm>

namespace doks::kube {

std::string listed(const ambiguity& of, const kubeconfig_set& set, const config_files& files)
{
    constexpr std::size_t most = 10;
    std::string text;
    for (std::size_t i = 0; i < of.contexts.size(); ++i) {
        if (i == most) return text + ", and " + std::to_string(of.contexts.size() - most) + " more";
        const auto at = of.contexts[i];
        const bool counts = set.find(entry_list::contexts, set.name(entry_list::contexts, at)) == at;
        const auto server = counts ? server_of(set, at) : server_in_its_file(set, at);
        text += i == 0 ? "" : ", ";
        text.append("the context `").append(set.name(entry_list::contexts, at)).append("` of ");
        text.append(server.empty() ? "a cluster that is not there" : shown_url(server));
        text.append(" in ").append(files.path(at.file).string());
    }
    return text;
}

std::string way_out_of(const ambiguity& several, const kubeconfig_set& set)
{
    const auto has_word = [&](entry_place at) { return set.name(entry_list::contexts, at) == several.word; };
    const auto named = std::count_if(several.contexts.begin(), several.contexts.end(), has_word);
    if (named == 0) return "name one of these contexts, or the cluster's id";
    if (named > 1) return "name the file that it is to be taken out of";
    return "name another of these contexts, or the cluster's id; `kubectl config delete-context` takes out the one of "
           "that very name";
}

}
