#include "net/planned_world.hpp"

#include <doctest/doctest.h>

#include <string_view>

// E7: the token never leaves in clear text.

using namespace std::string_view_literals;
using namespace doks;
using namespace doks::test;

namespace {

/// Why a client for this URL is refused; an accepted client makes a call, so that its dials would show.
bool is_refused(planned_world& bench, const std::string& url)
{
    auto how = bench.config();
    how.api_url = url;
    try {
        const auto client = bench.world.client(how);
        bench.fetch(client, bench.next_id());
        return false;
    } catch (const failure& why) {
        CHECK(why == errc::invalid_argument);
        CHECK(why.record().operation == "api_url");
        return true;
    }
}

/// Hosts that are not loopback, or not spelled as a loopback literal.
constexpr std::string_view hosts[] = {"api.digitalocean.com", "localhost", "LOCALHOST", "localhost.", "localhost.evil",
    "localhost.localdomain", "ip6-localhost", "127.0.0.1.evil.test", "127.0.0.1.", "127.1", "127.0.1", "127",
    "2130706433", "017700000001", "0177.0.0.1", "0x7f.1", "0x7f000001", "0x7f.0.0.1", "127.0.0.0x1", "127.0.0.01",
    "127.000.000.001", "127.0.0.256", "127.0.0.-1", "127.0.0.1.1", "127..0.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::127.0.0.1]", "[::ffff:10.0.0.1]", "[::]", "[::2]", "[fe80::1]", "[::1%lo]", "[::1%25lo]", "[0:0:0:0:0:0:0:2]",
    "[64:ff9b::7f00:1]", "::1", "[::1", "[]", "0", "0.0.0.0", "10.0.0.1", "128.0.0.1", "126.255.255.255",
    "255.255.255.255", "169.254.169.254", "192.168.0.1", "evil.test#127.0.0.1", "evil.test?127.0.0.1",
    "evil.test\\127.0.0.1", "127.0.0.1\\evil.test", "127.0.0.1%2eevil.test", "127.0.0.1,evil", "127.0.0.1 evil",
    " 127.0.0.1", "127.0.0.1\t", "127.0.0.1\r\nHost: evil", "127.0.0.1;evil", "127%2e0.0.1",
    "\xef\xbc\x91\x32\x37.0.0.1", "127\xe3\x80\x82\x30.0.1", "loopback", "127-0-0-1.nip.io", "1.0.0.127", "", "*",
    "\xe2\x91\xa0\x32\x37.0.0.1", "127.0.0.1@evil.test", "user@127.0.0.1", "user:pw@127.0.0.1", "@127.0.0.1",
    "127.0.0.1:80@evil.test", "127.0.0.1%40evil.test", "127.0.0.1#@evil.test", "a:b@c@127.0.0.1", ":@127.0.0.1",
    "127.0.0.1\0.evil.test"sv};

}

TEST_CASE("a token is never sent in clear text: http is refused for whatever is no loopback literal")
{
    planned_world bench;
    unsigned cases = 0, accepted = 0;
    for (const auto host : hosts)
        for (const char* scheme : {"http://", "HTTP://", "Http://"})
            for (const char* behind : {"", ":80", ":8080", "/", "/v2", ":443/base"}) {
                CAPTURE(std::string(host));
                CAPTURE(std::string(behind));
                const bool refused = is_refused(bench, scheme + std::string(host) + behind);
                accepted += !refused;
                CHECK(refused);
                ++cases;
            }
    for (const char* scheme :
        {"ws://", "ftp://", "file://", "http:/", "http:", "//", "", "httpx://", "https:/", "ht\ntp://"})
        for (const char* host : {"127.0.0.1", "[::1]", "api.digitalocean.com"}) {
            CAPTURE(std::string(scheme));
            const bool refused = is_refused(bench, std::string(scheme) + host);
            accepted += !refused;
            CHECK(refused);
            ++cases;
        }
    MESSAGE(cases, " URLs: accepted ", accepted, ", dials ", bench.world.network->dials());
    CHECK(bench.world.network->dials() == 0);
}
