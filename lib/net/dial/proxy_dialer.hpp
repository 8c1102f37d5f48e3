#pragma once

#include "net/dial/dialer.hpp"

#include <doks/secret.hpp>

#include <memory>

namespace doks::net {

/// An HTTP proxy and its credentials.
struct proxy
{
    endpoint where;
    secret_bytes authorization; ///< the value of Proxy-Authorization; empty: none
};

/** Dials through a proxy: connects to it by `inner`, and asks for a tunnel by CONNECT.

    Errors: proxy_refused, proxy_unavailable, header_too_large, and those of `inner`; the detail names the proxy and its
    status. Bytes behind the proxy's header would pass for the server's, so they are an error.
    @see RFC 9110 §9.3.6
*/
std::shared_ptr<dialer> proxy_dialer(std::shared_ptr<dialer> inner, proxy proxy);

}
