#pragma once

#include "net/dial/dialer.hpp"

#include <doks/secret.hpp>

#include <memory>

namespace doks::net {

/// An HTTP proxy, and what it wants to see of its user.
struct proxy
{
    endpoint where;
    secret_bytes authorization; ///< the value of Proxy-Authorization; empty: none
};

/** Dials through a proxy: connects to it by `inner`, and asks for the way on by CONNECT.

    Errors: proxy_refused, proxy_unavailable, malformed_response, and what `inner` fails with; the detail names the proxy and
    its status. Bytes behind the proxy's header would pass for the server's, so they are an error.
    Source: RFC 9110 §9.3.6.
*/
std::shared_ptr<dialer> proxy_dialer(std::shared_ptr<dialer> inner, proxy through);

}
