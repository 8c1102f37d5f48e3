#pragma once

#include "net/planned_world.hpp"
#include "net/pool/cutting_network.hpp"

#include <openssl/ssl.h>

#include <functional>
#include <variant>
#include <vector>

namespace doks::test {

/// A planned world whose wire can be cut, and what its client tried again for.
struct cut_world : planned_world
{
    cut_world()
    {
        // What the server sends behind its handshake would count as bytes of the response.
        SSL_CTX_set_num_tickets(world.authority.context(), 0);
        SSL_CTX_set_max_send_fragment(world.authority.context(), 512);
        renew();
    }

    /// Another client, without a connection.
    void renew()
    {
        auto how = config();
        how.attempts = 2;
        how.observer = [this](const event& what) {
            if (const auto* again = std::get_if<retry_scheduled>(&what)) causes.push_back(again->cause);
        };
        line = client_access::make(world.context.get_executor(), how, net::io_backends{world.time, wire});
    }
    /// The client's connection has carried a request and is open.
    void warm_up()
    {
        const auto id = next_id();
        REQUIRE(is_own(fetch(*line, id), id));
        causes.clear();
    }

    std::shared_ptr<cutting_network> wire = std::make_shared<cutting_network>(world.network);
    std::optional<client> line;
    std::vector<boost::system::error_code> causes;
};

}
