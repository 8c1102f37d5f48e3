#pragma once

#include <chrono>
#include <type_traits>

namespace doks {

/// The credential that a kubeconfig holds.
enum class credential_type
{
    token,          ///< a bearer token, or a certificate on clusters too old for tokens
    sso,            ///< an exec entry that signs on through a browser; needs doctl
    cluster_decides ///< sso where single sign-on is on for the cluster, a token elsewhere
};

/// How exactly a kubeconfig's expiry is known.
enum class expiry_precision
{
    estimated, ///< computed from the request's time and expiry: one request, and the bytes are the API's
    /** As the endpoint `credentials` states it, the only one that does. The kubeconfig is rendered from its response.

        Two requests, one credential; the bytes have the API's form. For tokens only.
    */
    exact
};

/** Options of one call. The earlier of `timeout` and `deadline` counts.

    Trivially copyable, so that `client.kubeconfig(id, {.expiry = 15min})` is safe inside a co_await expression.
*/
struct call_options
{
    /// How long the credential lives; 0 leaves it to the API: 7 days. No effect on certificates; an error with `sso`.
    std::chrono::seconds expiry{0};
    credential_type type = credential_type::token;
    expiry_precision expiry_is = expiry_precision::estimated;
    /// The longest time that the call may take; 0 is the client's default, 60 s, and 30 minutes for `wait_ready`.
    std::chrono::steady_clock::duration timeout{0};
    /// The latest time at which the call ends; none by default.
    std::chrono::steady_clock::time_point deadline = (std::chrono::steady_clock::time_point::max)();
};
static_assert(std::is_trivially_copyable_v<call_options>, "GCC 12 frees an aggregate in a co_await expression twice");

}
