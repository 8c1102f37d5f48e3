#pragma once

#include "api/config/settings.hpp"
#include "api/requests.hpp"
#include "net/call/call.hpp"
#include "net/call/policy_layers.hpp"
#include "net/quota/token_context.hpp"
#include "net/shared_transport.hpp"

#include <doks/client.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>

namespace doks::api {

/** The state behind a client handle: a transport, shared with the clients made from it, and the context of one token.

    Immutable but for `page_size`, so any thread may read it. Handles, calls and operations own it; it owns transport and
    token context, which run on the client's strand.
*/
struct client_state
{
    std::shared_ptr<net::shared_transport> transport;
    std::shared_ptr<net::token_context> token;
    net::origin api;
    collection clusters;
    std::vector<rate_window> windows;
    std::string user_agent;
    unsigned attempts = 0;
    std::string label;
    /// Clusters on a page of the listing; fewer once a page was too large.
    std::shared_ptr<std::atomic<unsigned>> page_size = std::make_shared<std::atomic<unsigned>>(largest_page);
    /// The client's policy, if it is not the default: as values, or as coroutines if values cannot express it. Only
    /// `send` reads them.
    std::optional<impl::policy_segment> own_policy_values;
    std::shared_ptr<const impl::client_policy> own_policy;

    std::shared_ptr<net::token_context> make_token_context(token_source source, std::string label) const;
    std::shared_ptr<const client_state> with(token_source source, std::string label) const;
    std::shared_ptr<const client_state> with(const impl::policy_segment& around) const;
    std::shared_ptr<const client_state> with(std::shared_ptr<const impl::client_policy> around) const;
};

}

namespace doks {

/// Makes clients on other I/O than the machine's: tests bring their own clock and wire.
struct client_access
{
    static client make(boost::asio::any_io_executor on, const client_config& config, const net::io_backends& outside);
    static const std::shared_ptr<const api::client_state>& state_of(const client& of) { return of.state_; }
};

}
