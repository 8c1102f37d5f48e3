#pragma once

#include <doks/failure.hpp>
#include <doks/secret.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace doks {

namespace kube {
struct kubeconfig_access;
}

/// How long a token lives for which no expiry was asked. Source: the endpoint's reference page, `expiry_seconds`.
inline constexpr std::chrono::seconds default_expiry = std::chrono::hours(7 * 24);

/// How a kubeconfig proves who its user is.
enum class credential_kind
{
    token,
    certificate,
    exec
};

std::string_view to_string(credential_kind kind) noexcept;

/// A program that mints the credential; doks never runs it.
struct exec_entry
{
    std::string api_version;
    std::string command;
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment;
};

/** What a Kubernetes client needs for the current context, decoded.

    `certificate_authority`, `client_certificate` and `client_key` are PEM. What the kubeconfig does not hold is empty.
    `server` is the API server's URL, with its path.
*/
struct cluster_access
{
    std::string context;
    std::string server;
    std::string certificate_authority;
    secret token;
    std::string client_certificate;
    secret client_key;
    std::optional<exec_entry> exec;
};

/// What is known of a kubeconfig beyond its bytes: where they come from, and when they expire.
struct kubeconfig_metadata
{
    std::string cluster_id{};
    std::chrono::system_clock::time_point requested_at{}; ///< the epoch where it was not fetched
    std::chrono::seconds expiry{0};                       ///< what was asked for; 0 is the API's default
    /// The expiry where it is known by other means, for example from an index on disk.
    std::optional<std::chrono::system_clock::time_point> expires_at{};
    bool expires_exactly = false;
    call_info info{};
};

/** A kubeconfig: the bytes as received, and what they say.

    A handle to one immutable value; copies are cheap and share it. The bytes are wiped when the last copy goes.
    The first question parses them, once.
    @throws failure with `not_a_kubeconfig` from what reads the bytes, where they are not one; never from `bytes()`
    @par Threads
    Any.
    @par Cost
    20 microseconds for the first question about 1 to 2 KB, 150 where it holds a certificate.
*/
class kubeconfig
{
public:
    /// Without bytes, to be assigned to.
    kubeconfig();
    explicit kubeconfig(secret_bytes bytes, kubeconfig_metadata metadata = {});
    explicit kubeconfig(std::string_view bytes, kubeconfig_metadata metadata = {});

    /// Exactly as received, valid as long as any copy of this handle.
    std::string_view bytes() const noexcept;

    credential_kind kind() const;
    /// The current context, decoded.
    const cluster_access& current() const;

    /** When the credential expires.

        @return a certificate's own notAfter; for a token the requested expiry (`default_expiry` if none was), counted from
        the start of the request; nothing for an exec entry or where the request is not known
        @see the endpoint's reference page, `expiry_seconds`.
    */
    std::optional<std::chrono::system_clock::time_point> expires_at() const;
    /** False where `expires_at` is estimated from the request, true where a certificate or the API states it.

        The API states a token's on request: `call_options::expiry_is`.
    */
    bool expires_exactly() const;
    /// An expiry was asked for and had no effect, because the cluster uses certificates.
    bool expiry_ignored() const;
    /// What was asked for; 0 is the API's default.
    std::chrono::seconds expiry() const noexcept;

    const std::string& cluster_id() const noexcept;
    const call_info& info() const noexcept;

private:
    friend struct kube::kubeconfig_access;
    struct body;
    const body& held() const;

    std::shared_ptr<const body> body_;
};

}
