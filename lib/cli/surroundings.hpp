#pragma once

#include "cli/console.hpp"
#include "cli/environment.hpp"

#include <doks/secret.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <istream>
#include <string>

namespace doks::cli {

/// What every command works with. It outlives the command and its clients.
struct surroundings
{
    boost::asio::any_io_executor executor;
    console& log;
    environment variables;
    std::istream& standard_input;
    std::string called_as;   ///< the program's own name, as it was called
    secret piped_token = {}; ///< of a --token-file that can be read only once
};

}
