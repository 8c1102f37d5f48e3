#pragma once

#include <chrono>
#include <type_traits>

namespace doks {

/// Which credential a kubeconfig shall hold.
enum class credential_type
{
    token,          ///< a bearer token, or a certificate on clusters too old for tokens
    sso,            ///< an exec entry that signs on through a browser; needs doctl
    cluster_decides ///< sso where single sign-on is on for the cluster, a token elsewhere
};

/// Where a kubeconfig's expiry is known from.
enum class expiry_precision
{
    estimated, ///< from the request's time and what was asked for: the bytes are the API's, in one request
    /** As `credentials` states it, which is the only answer that does: the kubeconfig is rendered from them.

        It takes two requests and mints one credential; the bytes have the API's form. For tokens only.
    */
    exact
};

/** What one call may set for itself.

    Shape: trivially copyable, so that `client.kubeconfig(id, {.expiry = 15min})` is safe inside a co_await expression.
    The earlier of `timeout` and `deadline` counts.
*/
struct call_options
{
    /// How long the credential lives; 0 leaves it to the API: 7 days. No effect on certificates; an error with `sso`.
    std::chrono::seconds expiry{0};
    credential_type type = credential_type::token;
    expiry_precision expiry_is = expiry_precision::estimated;
    /// The call's deadline from now on; 0 is the client's default, 60 s; that of `wait_ready` is 30 minutes.
    std::chrono::steady_clock::duration timeout{0};
    /// The call's deadline as a time point; the default is none.
    std::chrono::steady_clock::time_point deadline = (std::chrono::steady_clock::time_point::max)();
};
static_assert(std::is_trivially_copyable_v<call_options>, "GCC 12 frees an aggregate in a co_await expression twice");

}
