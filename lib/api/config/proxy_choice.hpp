#pragma once

#include "net/dial/proxy_dialer.hpp"
#include "net/shared_transport.hpp"

#include <doks/client_config.hpp>
#include <doks/secret.hpp>

#include <functional>
#include <optional>
#include <vector>

namespace doks::api {

/// Looks up an environment variable; null: it is not set.
using variables = std::function<const char*(const char* name)>;

/// A proxy, and what no text of a server may repeat of what it is shown.
struct chosen_proxy
{
    net::proxy through;
    std::vector<secret> secrets; ///< the password, and the value of Basic, which holds it
};

/** The proxy on the way to the API, if there is one.

    None for an `http://` URL, which is on this machine. Of the environment only HTTPS_PROXY and NO_PROXY count, for
    HTTP_PROXY can be set by the sender of a request to a CGI program (httpoxy.org).
    @throws as `invalid_call`; the message never shows the proxy's URL, which may hold a password
*/
std::optional<chosen_proxy> proxy_of(const proxy_settings& how, const net::origin& api, const variables& environment);

/// The process's own environment; empty for a program with more rights than its user.
const char* process_variable(const char* name);

}
