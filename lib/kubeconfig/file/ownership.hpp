#pragma once

#include "kubeconfig/file/kubeconfig_set.hpp"
#include "yaml/draft.hpp"

#include <string_view>

namespace doks::kube {

/// What a user's entry holds, as far as it tells who wrote it.
enum class credential_form
{
    none,               ///< nothing at all, or the entry is missing
    digitalocean_token, ///< `dop_v1_...` and its kin, or 64 hexadecimal digits: the API mints both
    doks_plugin,  ///< exec: `doks credential <this cluster's id>`, by any name that `save --exec` may have written
    doctl_plugin, ///< exec: `doctl kubernetes cluster kubeconfig exec-credential ... <this cluster's id>`
    opaque_token, ///< one word of letters, digits, `_` and `-`: it may be anyone's
    issued_token, ///< any other token, as only others issue it: a JWT, a JWE, a bootstrap token, `Bearer ...`
    certificate,  ///< certificate and key, both embedded
    other_plugin, ///< exec of any other program, or of ours with an environment of the user's
    other         ///< files, a password, an auth provider, several kinds at once; unknown keys or settings alone
};

/// A user's entry and the server that it is used at. `body` is null where the entry has none or is missing.
struct user_entry
{
    std::string_view name;
    const yaml::draft* body = nullptr;
    std::string_view server;
};

credential_form form_of(const yaml::draft* user, std::string_view server);

/** The name that an entry was meant to have, or the one that it got because that was taken.

    `<wanted>-<8 digits of the server's UUID>`, that and `-<number>`, or `<wanted>-<number>` where the URL names no
    UUID.
*/
bool is_name_or_renamed(std::string_view name, std::string_view wanted, std::string_view server);

/// `do-<region>-<name>` and `do-<region>-<name>-admin`, as the API names them, also where they were renamed.
bool is_api_cluster_name(std::string_view name);
bool is_api_user_name(std::string_view name, std::string_view server);

/** True if the credential is one that doks may replace or take out; anything else is the user's own.

    By what it holds, whatever its name: a DigitalOcean token for a DOKS cluster, or doks as the plugin. Under the name
    that the API gives it, or that `arriving` has: also what the API could have given (an embedded certificate, an opaque
    token), doctl's plugin, and an entry that holds nothing. Of any other form only what `arriving` has the same form of:
    the same keys, and for a plugin the same program.
    `arriving` is what is being merged into the same server, or null.
*/
bool is_ours(const user_entry& entry, const user_entry* arriving = nullptr);

/// Its user is ours, and no context of another server has the same user.
bool is_our_context(const kubeconfig_set& set, entry_place context, const user_entry* arriving = nullptr);

/// It has the API's name, or `wanted`.
bool has_our_name(const kubeconfig_set& set, entry_place cluster, std::string_view wanted = {});

/// It has our name; or it has contexts, and all of them are ours.
bool is_our_cluster(
    const kubeconfig_set& set, entry_place cluster, std::string_view wanted = {}, const user_entry* arriving = nullptr);

/// It says how to reach and verify the server otherwise than the API does: the user's own settings.
bool has_own_settings(const yaml::draft* cluster);

/// Of the cluster that a context names; empty where that is not there.
std::string_view server_of(const kubeconfig_set& set, entry_place context);

/// The same as if its file were the only one, where that has the cluster: for a context that does not count.
std::string_view server_in_its_file(const kubeconfig_set& set, entry_place context);

/// Equal for contexts of the same server, or of the same cluster that is not there.
std::string server_key_of(const kubeconfig_set& set, entry_place context);

}
