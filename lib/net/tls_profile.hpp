#pragma once

#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace doks::net {

/** How the server is verified: roots, protocol versions, name rules.

    Shape: immutable once made; every connection of a client shares it.
    Errors: the constructor throws `failure` with `unusable_trust_store` that names the path.
    Threads: any.
    Source: RFC 9525 (names), RFC 6066 §3 (no SNI for address literals).
*/
class tls_profile
{
public:
    /// Certificates from this PEM file instead of the system's store, where it is not empty.
    explicit tls_profile(const std::string& ca_file);

    /// A client end set up to verify `host`, a name or an address literal, and nothing else.
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> make_client(const std::string& host) const;

private:
    std::shared_ptr<ssl_ctx_st> context_;
};

}
