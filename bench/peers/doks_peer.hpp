#pragma once

#include "peers/workers.hpp"

#include <doks/client.hpp>

#include <boost/asio/awaitable.hpp>

// The bench's work done by a client of doks.

namespace peers {

inline boost::asio::awaitable<void> ask_doks(doks::client client, std::string id, meter& by)
{
    while (by.take()) {
        const auto asked = std::chrono::steady_clock::now();
        const auto got = co_await client.kubeconfig(id);
        by.answered(asked, 200, got.bytes().size());
    }
}

/// The whole program, under the client's name and with these limits.
inline int run_doks(int argc, char** argv, std::string_view name, std::vector<doks::rate_window> limits)
{
    const auto what = read_order(argc, argv);
    meter by(what);
    boost::asio::io_context context(1);
    doks::client_config config;
    config.api_url = "https://" + what.address();
    config.tls.ca_file = what.ca_file;
    config.token = doks::token(what.token);
    config.connections = what.connections;
    config.rate_limit = std::move(limits);
    const doks::client client(context.get_executor(), config);
    run_measured(context, what, by, [&](std::size_t) { return ask_doks(client, what.cluster_id(), by); });
    by.report(name);
    return 0;
}

}
