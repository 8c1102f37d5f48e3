#pragma once

#include "cli/console.hpp"
#include "cli/environment.hpp"
#include "cli/options.hpp"
#include "cli/traffic.hpp"

#include <doks/client.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <istream>
#include <memory>

namespace doks::cli {

/// What every command works with. It outlives the command and its clients.
struct surroundings
{
    boost::asio::any_io_executor executor;
    console& log;
    environment variables;
    std::istream& standard_input;
};

/** The client's configuration by the options and the environment, its token not yet looked up. */
client_config configuration_of(const global_options& global, const environment& variables);

/// A client, and what it is seen to do.
struct watched_client
{
    client api;
    std::shared_ptr<traffic> seen;
    std::size_t connections;
};

/// Adds an observer to the configuration and makes the client.
watched_client make_client(client_config config, const global_options& global, surroundings& around);

/// The client that the options and the environment ask for, with its token.
watched_client make_client(const global_options& global, surroundings& around);

}
