#pragma once

#include "kubeconfig/file/kubeconfig_set.hpp"

#include <array>
#include <string_view>

namespace doks::kube {

/// The keys of a user's entry that hold a credential or say where one is.
inline constexpr std::array<std::string_view, 10> credential_keys{"token", "tokenFile", "client-certificate",
    "client-certificate-data", "client-key", "client-key-data", "exec", "auth-provider", "username", "password"};

/// The entry says what `from` says of who a cluster is or who its user is.
bool is_up_to_date(const kubeconfig_set& set, entry_list list, entry_place at, const yaml::node& from);

/** Has an entry say what `from`, the body of another one, says of who a cluster is or who its user is.

    True if it said something else before; anything else in it stays. The bytes of `from` have to outlive the set's
    next `text`.
*/
bool update_entry(kubeconfig_set& set, entry_list list, entry_place at, const yaml::node& from);

}
