#pragma once

#include "net/shared_transport.hpp"

#include <doks/client.hpp>

#include <string>
#include <string_view>

namespace doks::api {

/// Checks every field of the configuration; throws as `invalid_call`.
void validate(const client_config& config);

/** Reads `name`, `address` or `[address]`, each with or without `:port`; without one `where` keeps its port.

    @return the fault of the text, for a person; null if there is none
*/
const char* read_authority(std::string_view authority, std::string_view signs_in_names, net::endpoint& where);

/** Parses the API's URL.

    @throws as `invalid_call` for another scheme, user info, a query, and `http` to anything but a loopback literal, for
    the token would cross a network in clear text
*/
net::origin parse_api_url(const std::string& url);

/// Every header field of a request but Authorization, with a line break after each.
std::string fixed_header(const net::origin& api, const std::string& user_agent);

}
