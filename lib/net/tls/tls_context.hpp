#pragma once

#include <doks/client_config.hpp>

#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace doks::net {

/** How the server is verified: roots, protocol versions, name rules. Immutable; all connections of a client share it.

    The constructor throws `failure` with `unusable_trust_store` that names the path, `make_client` one with
    `invalid_argument` if the name cannot be verified. Any thread.
    @see RFC 9525 (names), RFC 6066 §3 (no SNI for address literals), RFC 8446, RFC 9325 (versions and ciphers)
*/
class tls_context
{
public:
    explicit tls_context(const tls_settings& settings);

    /// An SSL object that verifies the configured server name, else `host`, a name or an address literal.
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> make_client(const std::string& host) const;
    /// The name that is verified on a connection to `host`.
    const std::string& verified_name(const std::string& host) const noexcept
    {
        return server_name_.empty() ? host : server_name_;
    }

private:
    std::shared_ptr<ssl_ctx_st> context_;
    std::string server_name_;
};

}
