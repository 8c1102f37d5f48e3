#pragma once

#include "kubeconfig/file/kubeconfig_set.hpp"
#include "kubeconfig/file/ownership.hpp"
#include "kubeconfig/file_error.hpp"
#include "kubeconfig/read/access_reader.hpp"

#include <doks/merge.hpp>

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace doks::kube {

/** Puts the current contexts of kubeconfigs into a set.

    A context of the same server that is ours (`ownership.hpp`) is renewed in place; without one, a context, user
    and cluster are added. Entries that are not ours are never changed. What is put in refers to this object,
    which has to outlive the set's next `text`.
*/
class merger
{
public:
    merger(kubeconfig_set& target, name_collision on_collision)
        : set_(target)
        , on_collision_(on_collision)
    {}

    /// The context has the alias for its name, or its own where that is empty.
    file_result<merged_kubeconfig> merge(const kubeconfig& config, std::string_view alias);

private:
    /// The parts of one that is to be merged.
    struct arrival
    {
        kubeconfig config{}; ///< its bytes are what the document refers to
        kubeconfig_access::parsed parsed{};
        std::string server;
        std::string key;
        std::string context;
        std::string cluster;
        std::string user;
        yaml::draft credential{}; ///< the user's entry
        bool has_alias = false;

        const current_entries& entries() const { return parsed->entries; }
        user_entry arriving() const { return {user, &credential, server}; }
    };

    static file_result<arrival> read(const kubeconfig& config, std::string_view alias);
    merged_kubeconfig put(const arrival& from);
    bool take_out_other(const arrival& from, std::optional<entry_place> renewed);
    std::vector<entry_place> our_contexts(const arrival& from) const;
    std::optional<entry_place> context_to_renew(const arrival& from, const std::vector<entry_place>& ours) const;
    bool has_wanted_name(const arrival& from, entry_place context) const;
    bool put_cluster(const arrival& from, std::optional<entry_place> renewed, merged_kubeconfig& outcome);
    void renew_cluster(const arrival& from, entry_place context, merged_kubeconfig& outcome);
    void put_user(const arrival& from, std::optional<entry_place> renewed, bool reuses, merged_kubeconfig& outcome);
    void put_context(const arrival& from, std::optional<entry_place> renewed, merged_kubeconfig& outcome);
    std::optional<entry_place> cluster_to_use(const arrival& from) const;
    bool is_unused_and_ours(const arrival& from, entry_place user) const;
    bool is_awaited(entry_list list, std::string_view name, const arrival& from) const;
    bool is_taken(entry_list list, std::string_view name, const arrival& from) const;
    [[noreturn]] void refuse_taken(entry_list list, const std::string& name, const arrival& from) const;
    std::string free_name(entry_list list, const std::string& wanted, const arrival& from, merged_kubeconfig& outcome);

    kubeconfig_set& set_;
    name_collision on_collision_;
    std::deque<arrival> arrivals_;
    std::set<std::string> put_; ///< contexts
};

}
