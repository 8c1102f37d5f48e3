#include "core/no_proxy.hpp"

#include <doctest/doctest.h>

#include <string_view>

// Hosts against values of NO_PROXY, by a table.

using doks::core::bypasses_proxy;

namespace {

/// A value of NO_PROXY, a host, and whether the host is reached directly.
struct vector
{
    std::string_view list, host;
    bool direct;
};

constexpr vector vectors[] = {
    {"", "api.digitalocean.com", false},
    {"*", "api.digitalocean.com", true},
    {"digitalocean.com", "api.digitalocean.com", true},
    {".digitalocean.com", "api.digitalocean.com", true},
    {"*.digitalocean.com", "api.digitalocean.com", true},
    {"API.DigitalOcean.COM", "api.digitalocean.com", true},
    {"api.digitalocean.com.", "api.digitalocean.com", true},
    {"api.digitalocean.com", "api.digitalocean.com.", true},
    {"ocean.com", "api.digitalocean.com", false},
    {"digitalocean", "api.digitalocean.com", false},
    {"api.digitalocean.com.evil.test", "api.digitalocean.com", false},
    {"a.test,b.test digitalocean.com", "api.digitalocean.com", true},
    {" , ,, ", "api.digitalocean.com", false},
    {"digitalocean.com:443", "api.digitalocean.com", true},
    {"digitalocean.com:8443", "api.digitalocean.com", false},
    {"digitalocean.com:", "api.digitalocean.com", false},
    {"*:443", "api.digitalocean.com", false},
    {"10.0.0.0/8", "10.255.0.1", true},
    {"10.0.0.0/8", "11.0.0.1", false},
    {"10.0.0.0/33", "10.0.0.1", false},
    {"10.0.0.0/x", "10.0.0.1", false},
    {"0.0.0.0/0", "192.0.2.7", true},
    {"0.0.0.0/0", "2001:db8::1", false},
    {"192.0.2.7", "192.0.2.7", true},
    {"192.0.2.7:443", "192.0.2.7", true},
    {"192.0.2.7:80", "192.0.2.7", false},
    {"192.0.2", "192.0.2.7", false},
    {"2001:db8::/32", "2001:db8:1::9", true},
    {"[2001:db8::1]", "2001:db8::1", true},
    {"2001:DB8:0::1", "2001:db8::1", true},
    {"2001:db8::/32", "2001:db9::1", false},
    {"7", "192.0.2.7", false},
};

}

TEST_CASE("NO_PROXY names hosts, domains, addresses, networks and ports, and nothing by accident")
{
    for (const auto& [list, host, direct] : vectors) {
        CAPTURE(list);
        CAPTURE(host);
        CHECK(bypasses_proxy(list, host, 443) == direct);
    }
    MESSAGE(std::size(vectors) << " vectors");
}
