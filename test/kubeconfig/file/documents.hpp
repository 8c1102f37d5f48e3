#pragma once

#include "kubeconfig/file/kubeconfig_set.hpp"
#include "kubeconfig/file/merger.hpp"
#include "kubeconfig/file/remover.hpp"
#include "kubeconfig/samples.hpp"

#include <doks/kubeconfig_file.hpp>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// Short forms of what the module does to texts; each throws where a test does not expect an error.

/// Texts that are merged and taken apart in memory, without any file.
namespace texts {

/// A kubeconfig as the API gives it, by the names and the cluster's UUID.
inline std::string config(std::string_view name, std::string_view id, std::string_view token = "abc-def")
{
    std::string text = sample::with_token(id, token);
    for (auto at = text.find("do-nyc1-blue"); at != text.npos; at = text.find("do-nyc1-blue", at + name.size()))
        text.replace(at, 12, name);
    return text;
}

inline doks::kube::kubeconfig_document read(std::string_view text)
{
    auto made = doks::kube::kubeconfig_document::read(doks::secret_bytes(text.begin(), text.end()));
    if (!made) throw std::runtime_error(made.error().reason);
    return std::move(*made);
}

/// The one file of a set, as it is written.
inline std::string written(const doks::kube::kubeconfig_set& set)
{
    const auto text = set.file(0).text();
    if (!text) throw std::runtime_error(text.error().reason);
    return {text->begin(), text->end()};
}

inline doks::kube::kubeconfig_set set_of(std::string_view text)
{
    std::vector<doks::kube::kubeconfig_document> files;
    files.push_back(read(text));
    return {std::move(files), 0};
}

/// The text after these kubeconfigs were merged into it.
inline std::string merged(std::string_view into, const std::vector<std::string>& configs,
    std::vector<doks::merged_kubeconfig>* entries = nullptr, std::string_view alias = {})
{
    auto set = set_of(into);
    doks::kube::merger to(set, doks::name_collision::rename);
    for (const auto& each : configs) {
        auto outcome = to.merge(doks::kubeconfig(each), alias);
        if (!outcome) throw std::runtime_error(outcome.error().detail);
        if (entries != nullptr) entries->push_back(std::move(*outcome));
    }
    return written(set);
}

/// The text after these entries were removed.
inline std::string removed(std::string_view from, const std::vector<std::string>& which)
{
    auto set = set_of(from);
    doks::remove_result outcome;
    if (doks::kube::remove_from(set, which, outcome)) throw std::runtime_error("ambiguous");
    return written(set);
}

/// Why it cannot be read, or empty.
inline std::string refusal_of(std::string_view text)
{
    const auto made = doks::kube::kubeconfig_document::read(doks::secret_bytes(text.begin(), text.end()));
    return made ? std::string() : made.error().reason;
}

}
