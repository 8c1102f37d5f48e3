#pragma once

#include <doks/kubeconfig.hpp>
#include <doks/secret.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace doks::cli {

/** The version of the ExecCredential that kubectl asks for in KUBERNETES_EXEC_INFO.

    `client.authentication.k8s.io/v1` or `.../v1beta1`; the latter where kubectl says nothing, for every kubectl
    takes it, and those before 1.22 take nothing else. A field that is null, and null in the object's place, say nothing:
    clients in other languages write them.
    Errors: `cli_error` (usage) where it is not kubectl's JSON, or asks for another version.
    @see Kubernetes' reference page "Authenticating", "client-go credential plugins".
*/
std::string exec_api_version(std::optional<std::string_view> exec_info);

/** When kubectl shall ask again: `margin` ahead of the expiry, or, if that has passed, after half of the rest.

    Nothing where the credential does not expire.
*/
std::optional<std::chrono::system_clock::time_point> ask_again_at(
    const kubeconfig& config, std::chrono::nanoseconds margin, std::chrono::system_clock::time_point now);

/** The one line that kubectl reads from its plugin: the token, or the certificate with its key.

    Errors: `cli_error` (failed) where the kubeconfig holds neither; `failure` (`not_a_kubeconfig`).
*/
secret_bytes exec_credential(const kubeconfig& config, std::string_view api_version,
    std::optional<std::chrono::system_clock::time_point> ask_again);

}
