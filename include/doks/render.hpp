#pragma once

#include <doks/cluster.hpp>
#include <doks/kubeconfig.hpp>

namespace doks {

/** A kubeconfig in the API's form, made of a cluster's credentials.

    Block YAML whose one context and cluster are named `do-<region>-<name>` and whose user is
    `do-<region>-<name>-admin`, with the token or the client certificate. What needs quotes has them: kubectl reads names
    and token back as they are. Where the cluster's name is missing, or holds what must not be shown (control characters),
    its id stands in; a region of that kind is left out. The result expires exactly when the credentials do.
    @throws failure with `not_a_kubeconfig` that names the part at fault, never its value: a server that is no
    https URL, a token that no header can carry, certificates or a key that are not PEM, a cluster without name and id.
    @par Cost
    As much as reading a kubeconfig, for what was written is read once.
*/
kubeconfig render(const credentials& from, const cluster& of);

/** The kubeconfig of the same cluster whose credential a program mints whenever kubectl asks it to.

    Names, server and certificate authority are those of `of`'s current context; nothing of its credential is in
    it, so that it holds no secret. The program is never to ask a person for anything (`interactiveMode: Never`), and is
    not told of the cluster; a kubectl that is too old for either passes over it. It does not expire.
    @throws failure with `not_a_kubeconfig`, as `kubeconfig::current` does for `of`, or where the program's name
    or one of its arguments cannot be written.
    @see Kubernetes' reference page "Authenticating", "client-go credential plugins".
*/
kubeconfig render(const kubeconfig& of, const exec_entry& plugin);

}
