#pragma once

#include "cli/output/console.hpp"
#include "cli/process/environment.hpp"

#include <doks/secret.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <chrono>
#include <istream>
#include <string>

namespace doks::cli {

/// The token of a --token-file that can be read only once, and how long to wait for it.
struct piped_token
{
    secret value = {};
    std::chrono::nanoseconds patience = std::chrono::seconds(30); ///< it may have to come from a vault first
};

/// What every command uses. It outlives the command and its clients.
struct command_context
{
    boost::asio::any_io_executor executor;
    console& log;
    environment variables;
    std::istream& standard_input;
    std::string called_as; ///< the program's name in the call
    piped_token pipe = {};
};

}
