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

/// The life of a token without a requested expiry. @see the endpoint's reference page, `expiry_seconds`
inline constexpr std::chrono::seconds default_expiry = std::chrono::hours(7 * 24);

/// How a kubeconfig authenticates.
enum class credential_kind
{
    token,       ///< a bearer token
    certificate, ///< a client certificate and its key
    exec         ///< a program that mints a credential
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

/** Server and credential of the current context, decoded.

    `certificate_authority`, `client_certificate` and `client_key` are PEM. A part that the kubeconfig lacks is empty.
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

/// The origin and expiry of a kubeconfig, which its bytes do not tell.
struct kubeconfig_metadata
{
    std::string cluster_id{};
    std::chrono::system_clock::time_point requested_at{}; ///< the epoch if it was not fetched
    std::chrono::seconds expiry{0};                       ///< as requested; 0 is the API's default
    /// The expiry if it is known by other means, for example from an index on disk.
    std::optional<std::chrono::system_clock::time_point> expires_at{};
    bool expires_exactly = false;
    call_info info{};
};

/** A kubeconfig: the bytes as received, and their content.

    A handle to one immutable value; copies are cheap and share it. The last copy wipes the bytes when it is destroyed. The
    first member that reads the bytes parses them, once.
    @throws failure with `not_a_kubeconfig` from each member that reads the bytes, if they are none; never from `bytes()`
    @par Thread safety
    Any thread.
    @par Cost
    20 microseconds to parse 1 to 2 KB, 150 with a certificate.
*/
class kubeconfig
{
public:
    /// Empty, to be assigned to.
    kubeconfig();
    explicit kubeconfig(secret_bytes bytes, kubeconfig_metadata metadata = {});
    explicit kubeconfig(std::string_view bytes, kubeconfig_metadata metadata = {});

    /// The bytes exactly as received; valid as long as any copy of this handle.
    std::string_view bytes() const noexcept;

    credential_kind kind() const;
    /// The current context, decoded.
    const cluster_access& current() const;

    /** When the credential expires.

        @return a certificate's own notAfter; for a token the requested expiry (`default_expiry` if none was), counted from
        the start of the request; nothing for an exec entry or if the request is not known
        @see the endpoint's reference page, `expiry_seconds`
    */
    std::optional<std::chrono::system_clock::time_point> expires_at() const;
    /// True if a certificate or the API states the expiry (`call_options::expiry_is`), false if it is an estimate.
    bool expires_exactly() const;
    /// True if the requested expiry was ignored, because the cluster uses certificates.
    bool expiry_ignored() const;
    /// The requested expiry; 0 is the API's default.
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
