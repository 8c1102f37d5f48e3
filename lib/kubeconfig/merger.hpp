#pragma once

#include "kubeconfig/access_reader.hpp"
#include "kubeconfig/kubeconfig_set.hpp"

#include <doks/kubeconfig_file.hpp>

#include <boost/system/result.hpp>

#include <deque>
#include <string>
#include <string_view>

namespace doks::kube {

/// Why one of several kubeconfigs cannot be merged.
struct merge_fault
{
    errc cause;
    std::string reason;
};

/** Puts the current contexts of kubeconfigs into a set.

    Shape: what is put in refers to the bytes given, which have to outlive the set's next `text`, and to this object.
*/
class merger
{
public:
    merger(kubeconfig_set& target, name_collision on_collision)
        : set_(target)
        , on_collision_(on_collision)
    {}

    /// The context has the alias for its name, or its own where that is empty.
    boost::system::result<merged_kubeconfig, merge_fault> merge(std::string_view bytes, std::string_view alias);

private:
    /// The parts of one that is to be merged.
    struct arrival
    {
        yaml_document document{};
        std::string server;
        std::string key;
        std::string context;
        std::string cluster;
        std::string user;
        const yaml_node* cluster_body = nullptr;
        const yaml_node* context_body = nullptr;
        const yaml_node* user_body = nullptr;
        bool has_alias = false;
    };
    /// Thrown and caught in here.
    using refused = merge_fault;

    static boost::system::result<arrival, refusal> read(std::string_view bytes);
    merged_kubeconfig put(const arrival& from);
    std::string put_cluster(const arrival& from, merged_kubeconfig& told);
    void put_context(const arrival& from, merged_kubeconfig& told);
    void put_user(const arrival& from, std::optional<entry_place> context, merged_kubeconfig& told);
    std::optional<entry_place> context_to_update(
        const arrival& from, const std::vector<entry_place>& candidates, std::string_view name) const;
    std::optional<entry_place> context_of_alias(const arrival& from, const std::vector<entry_place>& candidates) const;
    bool is_shared(std::string_view user, std::string_view cluster) const;
    bool is_taken(entry_list list, std::string_view name, const merged_kubeconfig& told) const;
    bool update(entry_list list, entry_place at, const yaml_node& from);
    std::string free_name(entry_list list, const std::string& wanted, const arrival& from, merged_kubeconfig& told);

    kubeconfig_set& set_;
    name_collision on_collision_;
    std::deque<arrival> arrivals_;
};

}
