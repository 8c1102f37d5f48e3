#include "tls/name_vectors.hpp"

#include <utility>

// Names in certificates and names that a client verifies, with RFC 9525's verdict on each pair.

namespace doks::test {

namespace {

name_vector named(std::string about, std::string host, std::vector<alt_name> names, bool expected)
{
    return {std::move(about), std::move(host), server_order(std::move(names)), expected, {}};
}

void add_plain(std::vector<name_vector>& all)
{
    all.push_back(named("exact", "api.test", {dns("api.test")}, true));
    all.push_back(named("another", "api.test", {dns("www.test")}, false));
    all.push_back(named("one of several", "api.test", {dns("www.test"), dns("api.test")}, true));
    all.push_back(named("upper case in the certificate", "api.test", {dns("API.Test")}, true));
    all.push_back(named("upper case asked for", "API.TEST", {dns("api.test")}, true));
    all.push_back(named("trailing dot asked for", "api.test.", {dns("api.test")}, true));
    all.push_back(named("trailing dot in the certificate", "api.test", {dns("api.test.")}, false));
    all.push_back(named("two trailing dots asked for", "api.test..", {dns("api.test")}, false));
    all.push_back(named("parent", "api.test", {dns("test")}, false));
    all.push_back(named("child", "test", {dns("api.test")}, false));
    all.push_back(named("suffix", "evilapi.test", {dns("api.test")}, false));
    all.push_back(named("prefix", "api.test", {dns("api.test.evil.test")}, false));
    all.push_back(named("single label", "localhost", {dns("localhost")}, true));
    all.push_back(named("A-label", "xn--bcher-kva.test", {dns("xn--bcher-kva.test")}, true));
    all.push_back(named("A-label in another case", "XN--BCHER-KVA.test", {dns("xn--bcher-kva.test")}, true));
    all.push_back(named("U-label in the certificate", "xn--bcher-kva.test",
        {dns("b\xc3\xbc"
             "cher.test")},
        false));
    all.push_back(named("another A-label", "xn--bcher-kva.test", {dns("xn--bcher-kvb.test")}, false));
    all.push_back(named("hyphens and digits", "a-1.b-2.test", {dns("a-1.b-2.test")}, true));
    all.push_back(named("a space behind", "api.test", {dns("api.test ")}, false));
    all.push_back(named("a line break behind", "api.test", {dns("api.test\n")}, false));
    all.push_back(named("empty name", "api.test", {dns("")}, false));
    all.push_back(named("a dot alone", "api.test", {dns(".")}, false));
    all.push_back(named("leading dot in the certificate", "api.test", {dns(".test")}, false));
    all.push_back(named("leading dot in the certificate, the same", "api.test", {dns(".api.test")}, false));
    all.push_back(named("as a URI", "api.test", {{GEN_URI, "https://api.test/"}}, false));
    all.push_back(named("as an e-mail address", "api.test", {{GEN_EMAIL, "x@api.test"}}, false));
    all.push_back(named("NUL behind", "api.test", {dns(std::string("api.test\0", 9))}, false));
    all.push_back(named("NUL before another name", "api.test", {dns(std::string("api.test\0.evil.test", 19))}, false));
    all.push_back(named("NUL in front", "api.test", {dns(std::string("\0api.test", 9))}, false));
    all.push_back(named("NUL within a label", "api.test", {dns(std::string("a\0pi.test", 9))}, false));
    all.push_back(named("no names at all", "api.test", {}, false));
}

void add_wildcards(std::vector<name_vector>& all)
{
    all.push_back(named("wildcard", "api.example.test", {dns("*.example.test")}, true));
    all.push_back(named("wildcard in another case", "API.Example.Test", {dns("*.example.test")}, true));
    all.push_back(named("wildcard, trailing dot asked for", "api.example.test.", {dns("*.example.test")}, true));
    all.push_back(named("wildcard for an A-label", "xn--bcher-kva.example.test", {dns("*.example.test")}, true));
    all.push_back(named("wildcard below an A-label", "api.xn--bcher-kva.test", {dns("*.xn--bcher-kva.test")}, true));
    all.push_back(named("wildcard across a dot", "a.api.example.test", {dns("*.example.test")}, false));
    all.push_back(named("wildcard for its parent", "example.test", {dns("*.example.test")}, false));
    all.push_back(named("wildcard for an empty label", ".example.test", {dns("*.example.test")}, false));
    all.push_back(named("wildcard of another domain", "api.example.test", {dns("*.example.org")}, false));
    all.push_back(named("wildcard above a public suffix", "example.com", {dns("*.com")}, false));
    all.push_back(named("wildcard for everything", "test", {dns("*")}, false));
    all.push_back(named("wildcard for everything, two labels", "api.test", {dns("*")}, false));
    all.push_back(named("wildcard with a dot behind", "api.example.test", {dns("*.example.test.")}, false));
    all.push_back(named("w*", "www.example.test", {dns("w*.example.test")}, false));
    all.push_back(named("*w", "www.example.test", {dns("*w.example.test")}, false));
    all.push_back(named("w*w", "www.example.test", {dns("w*w.example.test")}, false));
    all.push_back(named("xn--*", "xn--bcher-kva.example.test", {dns("xn--*.example.test")}, false));
    all.push_back(named("**", "www.example.test", {dns("**.example.test")}, false));
    all.push_back(named("second label", "api.example.test", {dns("api.*.test")}, false));
    all.push_back(named("last label", "api.example.test", {dns("api.example.*")}, false));
    all.push_back(named("two wildcards", "api.example.test", {dns("*.*.test")}, false));
    all.push_back(named("wildcard asked for", "*.example.test", {dns("*.example.test")}, false));
    all.push_back(named("wildcard in the address", "10.0.0.1", {dns("*.0.0.1")}, false));
}

void add_addresses(std::vector<name_vector>& all)
{
    all.push_back(named("IPv4", "127.0.0.1", {address("127.0.0.1")}, true));
    all.push_back(named("another IPv4", "127.0.0.1", {address("127.0.0.2")}, false));
    all.push_back(named("IPv4 as a DNS name", "127.0.0.1", {dns("127.0.0.1")}, false));
    all.push_back(named("IPv4 as a URI", "127.0.0.1", {{GEN_URI, "https://127.0.0.1"}}, false));
    all.push_back(named("IPv4 as text in an address", "127.0.0.1", {{GEN_IPADD, "127.0.0.1"}}, false));
    all.push_back(
        named("IPv4 with its mask", "127.0.0.1", {{GEN_IPADD, std::string("\x7f\0\0\1\xff\xff\xff\xff", 8)}}, false));
    all.push_back(
        named("IPv4 among others", "127.0.0.1", {dns("api.test"), address("10.0.0.1"), address("127.0.0.1")}, true));
    all.push_back(named("IPv6", "2001:db8::1", {address("2001:db8::1")}, true));
    all.push_back(named("IPv6 written out", "2001:DB8:0:0:0:0:0:1", {address("2001:db8::1")}, true));
    all.push_back(named("another IPv6", "2001:db8::1", {address("2001:db8::2")}, false));
    all.push_back(named("IPv6 as a DNS name", "2001:db8::1", {dns("2001:db8::1")}, false));
    all.push_back(named("IPv4 in IPv6", "127.0.0.1", {address("::ffff:127.0.0.1")}, false));
    all.push_back(named("a name for an address", "api.test", {address("127.0.0.1")}, false));
    all.push_back(named("no names for an address", "127.0.0.1", {}, false));
}

template <class Change> void add_changed(std::vector<name_vector>& all, const char* about, bool expected, Change change)
{
    auto made = named(about, "api.test", {dns("api.test")}, expected);
    change(made);
    all.push_back(std::move(made));
}

void add_subjects_and_rules(std::vector<name_vector>& all)
{
    const auto subject_only = [&](const char* about, const char* host, const char* subject) {
        auto made = named(about, host, {}, false);
        made.leaf.common_name = subject;
        all.push_back(std::move(made));
    };
    subject_only("common name only", "api.test", "api.test");
    subject_only("wildcard as common name only", "api.example.test", "*.example.test");
    subject_only("address as common name only", "127.0.0.1", "127.0.0.1");
    add_changed(all, "common name beside another name", false, [](name_vector& it) {
        it.leaf.names = {dns("www.test")};
        it.leaf.common_name = "api.test";
    });
    add_changed(all, "common name beside an address", false, [](name_vector& it) {
        it.leaf.names = {address("10.0.0.1")};
        it.leaf.common_name = "api.test";
    });
    add_changed(all, "another common name", true, [](name_vector& it) { it.leaf.common_name = "www.test"; });
    add_changed(
        all, "permitted by its authority", true, [](name_vector& it) { it.constraints = "permitted;DNS:test"; });
    add_changed(
        all, "not permitted", false, [](name_vector& it) { it.constraints = "critical,permitted;DNS:example.org"; });
    add_changed(all, "excluded", false, [](name_vector& it) { it.constraints = "critical,excluded;DNS:api.test"; });
    add_changed(
        all, "another name excluded", true, [](name_vector& it) { it.constraints = "critical,excluded;DNS:www.test"; });
    add_changed(all, "one of its names not permitted", false, [](name_vector& it) {
        it.leaf.names.push_back(dns("www.example.org"));
        it.constraints = "critical,permitted;DNS:test";
    });
    add_changed(all, "address not permitted", false, [](name_vector& it) {
        it.host = "127.0.0.1";
        it.leaf.names = {address("127.0.0.1")};
        it.constraints = "critical,permitted;IP:10.0.0.0/255.0.0.0";
    });
    add_changed(all, "usage without servers", false, [](name_vector& it) { it.leaf.extended_usage = "clientAuth"; });
    add_changed(all, "usage with servers", true, [](name_vector& it) { it.leaf.extended_usage = "serverAuth"; });
    // Neither RFC 9525 nor RFC 5280 forbids it.
    add_changed(all, "an authority's certificate for a server", true, [](name_vector& it) { it.leaf.ca = true; });
    add_changed(all, "an authority's, for signing only", false, [](name_vector& it) {
        it.leaf.ca = true;
        it.leaf.usage = "critical,keyCertSign";
    });
}

}

std::vector<name_vector> every_name_vector()
{
    std::vector<name_vector> all;
    add_plain(all);
    add_wildcards(all);
    add_addresses(all);
    add_subjects_and_rules(all);
    return all;
}

}
