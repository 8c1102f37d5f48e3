#pragma once

#include <doks/kubeconfig.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace doks {

/// The kind of an audit's finding.
enum class audit_kind
{
    runs_program,         ///< an exec entry: a program mints the credential
    auth_provider,        ///< a plugin of kubectl's old kind, which may run programs, too
    refers_to_file,       ///< a certificate, key or token that is read from a path
    verification_off,     ///< insecure-skip-tls-verify
    other_server_name,    ///< tls-server-name: a certificate of another name is accepted
    not_encrypted,        ///< a server that is not reached by https
    proxied,              ///< proxy-url
    impersonates,         ///< as, as-uid, as-groups, as-user-extra
    password,             ///< username and password
    foreign_server,       ///< a server outside `.k8s.ondigitalocean.com`
    unprintable_name,     ///< a name with control characters, or with characters that reverse the direction of text
    duplicate_name,       ///< kubectl uses one of the entries, and does not say which
    dangling_reference,   ///< a context that names a missing cluster or user
    dangling_current,     ///< a current-context that does not exist
    not_a_kubeconfig_file ///< it cannot be parsed; `detail` says why
};

std::string_view to_string(audit_kind kind) noexcept;

/// `where` is the path of the field, `users[0].user.exec`; `detail` a printable text, never a secret.
struct audit_finding
{
    audit_kind kind;
    std::string where;
    std::string detail;
};

/** Finds entries of a kubeconfig that are a risk to its user. It opens and runs nothing that the kubeconfig names.

    @return in the document's order; empty for a kubeconfig as DigitalOcean's API writes it
    @par Cost
    One parse.
*/
std::vector<audit_finding> audit(std::string_view bytes);

/** The same; `current()` and the next merge of `config` do not parse it again.

    @par Cost
    The parsed text is kept until that merge; it takes twice the memory of the text.
*/
std::vector<audit_finding> audit(const kubeconfig& config);

}
