#pragma once

#include "network/servers/process.hpp"
#include "support/certificates/test_authority.hpp"

#include <doks/client_config.hpp>

#include <cstddef>
#include <memory>

namespace doks::test {

/** nginx on loopback, with a certificate of its own, that responses a kubeconfig for whatever id is asked for.

    Errors: the constructor throws where nginx does not start, with what it said.
*/
class nginx
{
public:
    struct habits
    {
        std::string idle_limit = "75s"; ///< `keepalive_timeout`
        std::size_t requests = 1000;    ///< `keepalive_requests`, on one connection
        bool chunked = false;           ///< answers without a length
    };

    static bool is_installed() { return !program("nginx").empty(); }

    explicit nginx(const habits& how);

    /// What a client needs to reach it: without a rate limit of its own.
    client_config config() const;
    /// New workers take over; the old ones close what idles and end when the rest is answered.
    void reload();
    /// How often new workers took over so far, once all have that were asked for.
    std::size_t reloads() const;

    /// A response as it comes over the wire, header and body.
    std::string answer() const;

private:
    void write_configuration(const habits& how) const;

    temporary_folder folder_;
    test_authority authority_{"127.0.0.1"};
    std::uint16_t port_ = free_port();
    std::unique_ptr<process> server_;
    std::size_t asked_ = 0;
};

}
