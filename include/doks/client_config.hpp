#pragma once

#include <doks/observer.hpp>
#include <doks/rate_limit.hpp>
#include <doks/token_source.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace doks {

/// The longest time of each step. A value of zero or less is refused.
struct client_timeouts
{
    std::chrono::steady_clock::duration call = std::chrono::seconds(60);    ///< a call with all its attempts
    std::chrono::steady_clock::duration attempt = std::chrono::seconds(15); ///< from admission to the last byte
    std::chrono::steady_clock::duration pool = std::chrono::seconds(30);    ///< waiting for a connection
    std::chrono::steady_clock::duration connect = std::chrono::seconds(5);  ///< name and TCP
    std::chrono::steady_clock::duration proxy = std::chrono::seconds(5);    ///< CONNECT, where there is a proxy
    std::chrono::steady_clock::duration tls = std::chrono::seconds(5);
    std::chrono::steady_clock::duration first_byte = std::chrono::seconds(10);
    std::chrono::steady_clock::duration body_idle = std::chrono::seconds(5); ///< between two pieces of a response
    /// The longest time that a connection may idle, less up to a tenth at random; keep it under the server's own limit.
    std::chrono::steady_clock::duration keep_alive = std::chrono::seconds(50);
    /// The age, less up to a tenth at random, at which a connection is closed after its request, so that changed certificates
    /// take effect. A TLS session that old is not resumed either.
    std::chrono::steady_clock::duration connection_life = std::chrono::hours(1);
};

/// The oldest TLS version that is accepted.
enum class tls_version
{
    v1_2,
    v1_3
};

/** How the API's server is verified: its certificate chain up to a root, its name by RFC 9525.

    If one of the three `ca_` fields is set, only these roots are trusted; else those of the system's store. A store without
    a certificate is refused when the client is made. Neither an openssl.cnf nor the environment can weaken the rest.
*/
struct tls_settings
{
    std::string ca_file = {};      ///< PEM certificates in a file
    std::string ca_directory = {}; ///< a directory as `openssl rehash` makes it
    std::string ca_pem = {};       ///< PEM certificates, in memory
    tls_version minimum = tls_version::v1_2;
    std::string server_name = {};  ///< requested (SNI) and verified instead of the URL's host
    bool resume_sessions = true;   ///< a new connection need not repeat the whole handshake
    bool trust_environment = true; ///< SSL_CERT_FILE and SSL_CERT_DIR say where the system's store is
};

/// An HTTP proxy on the way to the API, used by CONNECT. It sees the API's host name and its own credentials, never the token.
struct proxy_settings
{
    std::string url = {};          ///< `http://[user:password@]host[:port]`; empty: none
    bool from_environment = false; ///< if `url` is empty: HTTPS_PROXY, except for hosts in NO_PROXY (lower case first)
};

/// The configuration of a client. Only `token` is required.
struct client_config
{
    /// The API's address. `http://` is accepted for a loopback literal (127.0.0.1, [::1]) only.
    std::string api_url = "https://api.digitalocean.com";
    token_source token = {};
    /// Names this client in bulk items; empty by default.
    std::string label = {};
    tls_settings tls = {};
    proxy_settings proxy = {};
    /// The most connections to the API; they are opened as needed.
    std::size_t connections = 64;
    /// The quota of the token. Without a window the local rate gate is off; 429s are honoured all the same.
    std::vector<rate_window> rate_limit = digitalocean_limits();
    /// The most attempts of a single call for causes that are likely to pass.
    unsigned attempts = 5;
    client_timeouts timeouts = {};
    doks::observer observer = nullptr;
    /// Precedes doks' own product name in `User-Agent`.
    std::string user_agent = {};
};

/** The canonical form of an API URL, by which two configurations can be compared: `https://api.digitalocean.com`.

    @return host in lower case, without the scheme's own port and without a slash at the end
    @throws failure with `invalid_argument`, as a client with this `api_url` would
*/
std::string canonical_api_url(const std::string& url);

}
