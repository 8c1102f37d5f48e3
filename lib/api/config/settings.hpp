#pragma once

#include "net/shared_transport.hpp"

#include <doks/client.hpp>

#include <string>

namespace doks::api {

/// Throws `failure` (`invalid_argument`) that names the field and what it takes.
[[noreturn]] void refuse(std::string field, std::string what, std::string remedy);

/// Checks every field of the configuration; throws as `refuse` does.
void validate(const client_config& config);

/** Takes the API's URL apart.

    Errors: throws as `refuse` does: another scheme, user info, a query, `http` to anything but a loopback literal,
    where the token would cross a network in clear text.
*/
net::origin parse_api_url(const std::string& url);

/// Every header field of a request but Authorization, with a line break after each.
std::string fixed_header(const net::origin& api, const std::string& user_agent);

}
