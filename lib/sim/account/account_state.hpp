#pragma once

#include "sim/account/limiter.hpp"
#include "sim/timeline.hpp"

#include <doks/sim/options.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace doks::sim {

/** A cluster: its specification and its history. */
struct cluster_record
{
    cluster_spec spec;
    instant created;
    instant updated;
    std::uint64_t revocations = 0; ///< Credentials minted before the last one are refused.

    /** `do-<region>-<name>`, as kubeconfigs call it. */
    std::string kube_name() const { return "do-" + spec.region + "-" + spec.name; }
};

/** An API token with its own limits. */
struct token_record
{
    token_spec spec;
    limiter quota;
};

/** One account: its clusters, and the tokens that see them. `accounts` owns it; the mutex of the shared state guards it.

    A cluster is a shared_ptr in two containers, so that a pointer to it outlives changes of the others.
*/
class account_state
{
public:
    explicit account_state(std::string name)
        : name_(std::move(name))
    {}

    const std::string& name() const { return name_; }

    /** In the order of creation. */
    const std::vector<std::shared_ptr<cluster_record>>& clusters() const { return clusters_; }

    /** nullptr if there is none. The pointer stays good until the cluster is removed. */
    cluster_record* find_cluster(std::string_view id) const;

    /** Fills in empty fields. Errors: std::invalid_argument that names the field. */
    std::string set_cluster(cluster_spec spec, instant now);
    void remove_cluster(std::string_view id);

    token_record* find_token(std::string_view value);
    token_record* find_label(std::string_view label);
    std::string add_token(token_spec spec, const rate_limit& limit);
    void revoke_token(std::string_view value);
    void set_rate_limit(const rate_limit& limit);

    /** The secret of the token that was added first. */
    const std::string& first_token() const { return first_token_; }

private:
    void complete(cluster_spec& spec);

    std::string name_;
    std::vector<std::shared_ptr<cluster_record>> clusters_;
    std::map<std::string, std::shared_ptr<cluster_record>, std::less<>> clusters_by_id_;
    std::map<std::string, token_record, std::less<>> tokens_;
    std::string first_token_;
    std::size_t names_given_ = 0;
};

/** Errors: std::invalid_argument that names the field, unless the value is letters, digits, '-', '.' and '_'. */
void require_plain(const char* field, std::string_view value);

}
