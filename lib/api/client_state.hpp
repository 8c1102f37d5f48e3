#pragma once

#include "api/requests.hpp"
#include "api/settings.hpp"
#include "net/account.hpp"
#include "net/call.hpp"
#include "net/policy_layers.hpp"
#include "net/transport.hpp"

#include <doks/client.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>

namespace doks::api {

/// What a client handle refers to: a transport, shared with the clients made from it, and one token's account.
struct client_state
{
    std::shared_ptr<net::transport> transport;
    std::shared_ptr<net::account> account;
    net::origin api;
    collection clusters;
    std::vector<rate_window> windows;
    std::string user_agent;
    unsigned attempts = 0;
    std::string label;
    /// Clusters on a page of the listing: fewer once a page was too large.
    std::shared_ptr<std::atomic<unsigned>> page_size = std::make_shared<std::atomic<unsigned>>(largest_page);
    /// What stands around the attempts instead of the default: as one plan, or, where that cannot say it, as coroutines.
    std::optional<impl::policy_segment> own_plan;
    std::shared_ptr<const impl::client_policy> own_policy;

    std::shared_ptr<net::account> account_of(token_source source, std::string label) const;
    std::shared_ptr<const client_state> with(token_source source, std::string label) const;
    std::shared_ptr<const client_state> with(const impl::policy_segment& around) const;
    std::shared_ptr<const client_state> with(std::shared_ptr<const impl::client_policy> around) const;
};

}

namespace doks {

/// Makes clients on other doors than the machine's: how tests bring their own clock and wire.
struct client_access
{
    static client make(boost::asio::any_io_executor on, const client_config& config, const net::doors& outside);
    static const std::shared_ptr<const api::client_state>& state_of(const client& of) { return of.state_; }
};

}
