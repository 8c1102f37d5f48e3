#pragma once

#include <doks/cluster.hpp>
#include <doks/kubeconfig.hpp>

namespace doks {

/** Makes a kubeconfig in the API's form from a cluster's credentials.

    Block YAML whose one context and cluster are named `do-<region>-<name>` and whose user is
    `do-<region>-<name>-admin`, with the token or the client certificate. Values are quoted where necessary: kubectl reads
    names and token back unchanged. A cluster without a name, or with control characters in it, is named by its id; a region
    with control characters is left out. The result expires exactly when the credentials do.
    @throws failure with `not_a_kubeconfig` that names the part at fault, never its value: a server that is no
    https URL, a token that no header can carry, certificates or a key that are not PEM, a cluster without name and id
    @par Cost
    That of reading a kubeconfig: the result is parsed once to check it.
*/
kubeconfig render(const credentials& credentials, const cluster& cluster);

/** Makes a kubeconfig of the same cluster with an exec plugin: kubectl runs the program when it needs a credential.

    Names, server and certificate authority are those of the current context of `config`. The result holds no part of its
    credential, so it holds no secret, and it does not expire. The program may not ask a person for anything
    (`interactiveMode: Never`) and gets no cluster information; a kubectl too old for these settings ignores them.
    @throws failure with `not_a_kubeconfig`, as `kubeconfig::current` does for `config`, or if the program's name
    or one of its arguments cannot be written
    @see Kubernetes' reference page "Authenticating", "client-go credential plugins"
*/
kubeconfig render(const kubeconfig& config, const exec_entry& plugin);

}
