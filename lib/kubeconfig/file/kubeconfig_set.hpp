#pragma once

#include "kubeconfig/file/kubeconfig_document.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace doks::kube {

/// An entry by its file and its number there.
struct entry_place
{
    std::size_t file = 0;
    std::size_t number = 0;

    friend bool operator==(const entry_place&, const entry_place&) = default;
};

/** Several kubeconfigs of which the first one that holds a name counts, as kubectl reads them.

    New entries go to the file `target`; entries are looked up by name, clusters by their server and by their id
    too, contexts by their cluster and by their user. One that is found counts; that may be one of a later file, once the
    one before it was erased.
*/
class kubeconfig_set
{
public:
    kubeconfig_set(std::vector<kubeconfig_document> files, std::size_t target);

    std::optional<entry_place> find(entry_list list, std::string_view name) const;
    /// All that have the name, also those that do not count for an earlier file has one.
    std::vector<entry_place> find_all(entry_list list, std::string_view name) const;
    /// Of those that count, in the order of the files.
    std::vector<entry_place> entries(entry_list list) const;
    /// Clusters whose server has this key.
    std::vector<entry_place> clusters_at(const std::string& key) const;
    /// Those whose server's URL names this id.
    std::vector<entry_place> clusters_of_id(const std::string& id) const;
    std::vector<entry_place> contexts_of_cluster(std::string_view name) const;
    std::vector<entry_place> contexts_of_user(std::string_view name) const;

    std::string_view name(entry_list list, entry_place at) const { return files_[at.file].name(list, at.number); }
    const yaml::draft* body(entry_list list, entry_place at) const { return files_[at.file].body(list, at.number); }
    yaml::draft& changed_body(entry_list list, entry_place at) { return files_[at.file].changed_body(list, at.number); }
    /// What an entry's body says under a key.
    std::string_view text(entry_list list, entry_place at, std::string_view key) const
    {
        return text_of(body(list, at), key);
    }

    entry_place add(entry_list list, std::string_view name, yaml::draft body);
    void erase(entry_list list, entry_place at);

    /// Of the first file that has one.
    std::string_view current_context() const noexcept;
    void set_current_context(std::string_view name) { files_[target_].set_current_context(name); }
    /// True if a file had it.
    bool clear_current_context(std::string_view name);

    std::string_view keep(std::string text) { return files_[target_].keep(std::move(text)); }
    std::size_t size() const noexcept { return files_.size(); }
    const kubeconfig_document& file(std::size_t number) const { return files_[number]; }
    /// For another set.
    std::vector<kubeconfig_document> release() && { return std::move(files_); }

private:
    using places = std::unordered_map<std::string, std::vector<entry_place>>;

    void index(entry_list list, entry_place at);
    std::vector<entry_place> found(const places& in, const std::string& key, entry_list list) const;

    std::vector<kubeconfig_document> files_;
    std::size_t target_;
    places by_server_;
    places by_id_;
    places by_cluster_;
    places by_user_;
};

}
