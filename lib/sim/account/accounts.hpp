#pragma once

#include "sim/account/account_state.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace doks::sim {

/** Every account of a simulator; protected by the mutex of the shared state, which owns it.

    A cluster's id and a token's label belong to one account only, so that callers can name them without the account.
*/
class accounts
{
public:
    /** Errors: std::invalid_argument that names the field. */
    accounts(const options& options, instant now);

    /** The account of this name; the first one has none. Errors: std::out_of_range. */
    account_state& account(std::string_view name) const;

    /** nullptr if the token is not known. */
    account_state* find_account_of_token(std::string_view value) const;
    token_record* find_token(std::string_view value) const;
    token_record* find_label(std::string_view label) const;

    /** nullptr if there is none. The pointer stays good until the cluster is removed. */
    cluster_record* find_cluster(std::string_view id) const;

    /** Errors: std::out_of_range, and std::invalid_argument if another account has the cluster. */
    std::string set_cluster(cluster_spec spec, std::string_view account_name, instant now);
    void remove_cluster(std::string_view id);

    /** Errors: std::out_of_range, and std::invalid_argument if another account has a token with this label. */
    std::string add_token(token_spec spec, std::string_view account_name);
    void revoke_token(std::string_view value);

    const rate_limit& rate_limits() const { return limit_; }
    void set_rate_limit(rate_limit limit);

private:
    void add_account(account_spec spec, instant now);

    rate_limit limit_;
    std::vector<std::unique_ptr<account_state>> accounts_;
};

}
