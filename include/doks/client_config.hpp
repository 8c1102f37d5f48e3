#pragma once

#include <doks/observer.hpp>
#include <doks/rate_limit.hpp>
#include <doks/token_source.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace doks {

/// How long each step may take. Every one is finite; zero or less is refused.
struct client_timeouts
{
    std::chrono::steady_clock::duration call = std::chrono::seconds(60);    ///< a call, all its attempts included
    std::chrono::steady_clock::duration attempt = std::chrono::seconds(15); ///< from admission to the last byte
    std::chrono::steady_clock::duration pool = std::chrono::seconds(30);    ///< waiting for a connection
    std::chrono::steady_clock::duration connect = std::chrono::seconds(5);  ///< name and TCP
    std::chrono::steady_clock::duration proxy = std::chrono::seconds(5);    ///< CONNECT, where there is a proxy
    std::chrono::steady_clock::duration tls = std::chrono::seconds(5);
    std::chrono::steady_clock::duration first_byte = std::chrono::seconds(10);
    std::chrono::steady_clock::duration body_idle = std::chrono::seconds(5); ///< between two pieces of a response
    /// A connection that idled longer, less up to a tenth, is not used again; keep it under the server's own limit.
    std::chrono::steady_clock::duration keep_alive = std::chrono::seconds(50);
    /// A connection older than this, less up to a tenth, is closed after its request, so that changed certificates take
    /// effect; a TLS session is not resumed beyond it either.
    std::chrono::steady_clock::duration connection_life = std::chrono::hours(1);
};

/// The oldest TLS version that is spoken.
enum class tls_version
{
    v1_2,
    v1_3
};

/** How the API's server is verified: its certificate chain up to a root, its name by RFC 9525.

    Shape: where one of the three `ca_` is set, these roots hold and no others; else the system's store. A store that holds
    no certificate is refused when the client is made. Neither an openssl.cnf nor the environment weakens the rest.
*/
struct tls_settings
{
    std::string ca_file = {};      ///< PEM certificates in a file
    std::string ca_directory = {}; ///< a directory as `openssl rehash` makes it
    std::string ca_pem = {};       ///< PEM certificates, in memory
    tls_version minimum = tls_version::v1_2;
    std::string server_name = {};  ///< asked for and verified instead of the URL's host
    bool resume_sessions = true;   ///< a new connection need not repeat the whole handshake
    bool trust_environment = true; ///< SSL_CERT_FILE and SSL_CERT_DIR say where the system's store is
};

/** An HTTP proxy that the API is reached through, by CONNECT.

    Shape: the proxy sees the API's host name and its own credentials, never the API token.
*/
struct proxy_settings
{
    std::string url = {};          ///< `http://[user:password@]host[:port]`; empty: none
    bool from_environment = false; ///< where `url` is empty: HTTPS_PROXY, less what NO_PROXY names (lower case first)
};

struct client_config
{
    /// Where the API is. `http://` is taken for a loopback literal (127.0.0.1, [::1]) only.
    std::string api_url = "https://api.digitalocean.com";
    token_source token = {};
    /// Names this client in bulk items; empty by default.
    std::string label = {};
    tls_settings tls = {};
    proxy_settings proxy = {};
    /// Connections to the API at most; opened as needed.
    std::size_t connections = 64;
    /// The quota of the token; none switches the local rate gate off, and 429s are still honoured.
    std::vector<rate_window> rate_limit = digitalocean_limits();
    /// Attempts of a single call for causes that are likely to pass.
    unsigned attempts = 5;
    client_timeouts timeouts = {};
    doks::observer observer = nullptr;
    /// Goes before doks' own product name in `User-Agent`.
    std::string user_agent = {};
};

/** The one form of an API URL, by which two configurations can be compared: `https://api.digitalocean.com`.

    @return  host in lower case, without the scheme's own port and without a slash at the end
    @throws failure `invalid_argument`, as a client does that is made with this `api_url`
*/
std::string canonical_api_url(const std::string& url);

}
