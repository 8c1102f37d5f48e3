#pragma once

#include "tls/servers/tls_server.hpp"

#include <string>
#include <utility>
#include <vector>

namespace doks::test {

/// A profile of a server, and what the client shall make of it.
struct matrix_cell
{
    enum class verdict
    {
        accept,
        refuse,
        unchecked, ///< accepted, for OpenSSL's defaults do not look at it
    };

    std::string name;
    verdict expected = verdict::refuse;
    std::string reason = {}; ///< a part of the failure's text
    server_profile server;
    std::string roots = {}; ///< what the client trusts; empty: the usual root
    std::string verified = "api.test";
    /// The refusal comes when the request is on its way: a reset behind it may swallow the alert, and then it is tried again.
    bool late = false;
};

std::vector<matrix_cell> certificate_cells();
/// Of these, the ones about keys and hashes; the keys are small.
std::vector<matrix_cell> strength_cells();
std::vector<matrix_cell> protocol_cells();
/// The root of every chain that can be trusted.
const certified& usual_root();
/// A chain that can be, for api.test.
std::vector<certified> usual_chain(order leaf = server_order({dns("api.test")}));
/// A server of this one version.
inline server_profile speaking(int version, std::vector<certified> chain = usual_chain())
{
    server_profile made{std::move(chain)};
    made.oldest = made.newest = version;
    return made;
}
/// A ServerHello that picks this version and suite, whatever was offered.
std::string server_hello(unsigned version, unsigned suite);

}
