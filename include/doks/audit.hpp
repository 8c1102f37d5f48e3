#pragma once

#include <doks/kubeconfig.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace doks {

/// What an audit finds.
enum class audit_kind
{
    runs_program,         ///< an exec entry: a program mints the credential
    auth_provider,        ///< a plugin of kubectl's old kind, which may run programs too
    refers_to_file,       ///< a certificate, key or token that is read from a path
    verification_off,     ///< insecure-skip-tls-verify
    other_server_name,    ///< tls-server-name: a certificate of another name is taken
    not_encrypted,        ///< a server that is not reached by https
    proxied,              ///< proxy-url
    impersonates,         ///< as, as-uid, as-groups, as-user-extra
    password,             ///< username and password
    foreign_server,       ///< a server outside `.k8s.ondigitalocean.com`
    unprintable_name,     ///< a name with control characters, or such as turn the direction of writing
    duplicate_name,       ///< kubectl uses one of the entries, and which one is not said
    dangling_reference,   ///< a context that names a cluster or user that is not there
    dangling_current,     ///< a current-context that is not there
    not_a_kubeconfig_file ///< it cannot be read at all; `detail` says why
};

std::string_view to_string(audit_kind kind) noexcept;

/// `where` is the path of the field, `users[0].user.exec`; `detail` a printable text, never a secret.
struct audit_finding
{
    audit_kind kind;
    std::string where;
    std::string detail;
};

/** What a careful user wants to know about a kubeconfig. Nothing that it names is opened or run.

    @return in the document's order; empty for a kubeconfig as DigitalOcean's API writes it
    @par Cost
    A parse
*/
std::vector<audit_finding> audit(std::string_view bytes);

/** The same, and the text is not parsed again for `current()` or for a merge that follows.

    @par Cost

    Until that merge the parsed text is kept, which takes twice the memory of the text
*/
std::vector<audit_finding> audit(const kubeconfig& config);

}
