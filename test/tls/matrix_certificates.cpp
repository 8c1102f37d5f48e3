#include "tls/matrix.hpp"

#include <utility>

// The cells of the TLS matrix that are about certificates: chains, times, usages, keys, hashes, names.

namespace doks::test {

namespace {

using verdict = matrix_cell::verdict;

order named(std::vector<alt_name> names = {dns("api.test")}) { return server_order(std::move(names)); }

template <class Change> order leaf_with(Change change)
{
    order made = named();
    change(made);
    return made;
}

/// A cell whose server presents this chain.
matrix_cell cell(std::string name, verdict expected, std::string reason, std::vector<certified> chain)
{
    matrix_cell made;
    made.name = std::move(name);
    made.expected = expected;
    made.reason = std::move(reason);
    made.server.chain = std::move(chain);
    return made;
}

matrix_cell of_leaf(std::string name, verdict expected, std::string reason, order leaf)
{
    return cell(std::move(name), expected, std::move(reason), usual_chain(std::move(leaf)));
}

std::vector<alt_name> many_names(std::size_t count)
{
    std::vector<alt_name> all;
    for (std::size_t i = 0; i + 1 < count; ++i) all.push_back(dns("host-" + std::to_string(i) + ".example.test"));
    all.push_back(dns("api.test"));
    return all;
}

void add_dates(std::vector<matrix_cell>& all)
{
    all.push_back(of_leaf("expired", verdict::refuse, "certificate expired 2015-04-12; this machine's clock says 20",
        leaf_with([](order& it) {
            it.first = "20150409000000Z";
            it.last = "20150412235959Z";
        })));
    all.push_back(of_leaf("not yet valid", verdict::refuse,
        "certificate not valid before 2090-01-01; this machine's clock says 20",
        leaf_with([](order& it) { it.first = "20900101000000Z"; })));
    auto old = authority_order("expired intermediate");
    old.last = "20210101000000Z";
    const auto middle = issue(old, &usual_root());
    all.push_back(cell(
        "expired intermediate", verdict::refuse, "certificate expired 2021-01-01", {issue(named(), &middle), middle}));
}

void add_names(std::vector<matrix_cell>& all)
{
    all.push_back(of_leaf("wrong host", verdict::refuse,
        "host name mismatch: certificate is for www.example.test, not for api.test", named({dns("www.example.test")})));
    all.push_back(of_leaf("no common name", verdict::accept, "", named()));
    all.push_back(of_leaf("no subject", verdict::accept, "", leaf_with([](order& it) { it.common_name.clear(); })));
    all.push_back(of_leaf("common name only", verdict::refuse,
        "host name mismatch: certificate is for no name, not for api.test", leaf_with([](order& it) {
            it.common_name = "api.test";
            it.names.clear();
        })));
    all.push_back(of_leaf(
        "wildcard", verdict::refuse, "host name mismatch: certificate is for *.api.test", named({dns("*.api.test")})));
    all.push_back(of_leaf("1000 names", verdict::accept, "", named(many_names(1000))));
    all.push_back(of_leaf("10000 names", verdict::refuse, "excessive message size", named(many_names(10000))));
    auto by_address = of_leaf("address", verdict::accept, "", named({address("127.0.0.1")}));
    by_address.verified = "";
    all.push_back(by_address);
    by_address = of_leaf("address as a DNS name", verdict::refuse,
        "host name mismatch: certificate is for 127.0.0.1, not for 127.0.0.1", named({dns("127.0.0.1")}));
    by_address.verified = "";
    all.push_back(by_address);
    all.push_back(of_leaf("spoof", verdict::refuse, "host name mismatch: certificate is for api.test.evil.test",
        named({dns("api.test.evil.test"), dns("xn--pi-6kc.test")})));
}

void add_trust(std::vector<matrix_cell>& all)
{
    all.push_back(cell("self-signed", verdict::refuse, "self-signed certificate", {issue(named())}));
    for (const char* root : {"untrusted root", "Superfish, Inc.", "eDellRoot", "DSDTestProvider", "preact-cli",
             "webpack-dev-server", "known interception", "blocked interception"}) {
        const auto stranger = issue(authority_order(root));
        all.push_back(cell(root, verdict::refuse, "self-signed certificate in certificate chain",
            {issue(named(), &stranger), stranger}));
    }
    const auto double_root = issue(authority_order("test root"));
    all.push_back(cell("root of the trusted one's name", verdict::refuse, "signature", {issue(named(), &double_root)}));
    const auto middle = issue(authority_order("intermediate"), &usual_root());
    const auto lower = issue(authority_order("lower intermediate"), &middle);
    const auto leaf = issue(named(), &lower);
    all.push_back(cell("whole chain", verdict::accept, "", {leaf, lower, middle}));
    all.push_back(cell("reversed chain", verdict::accept, "", {leaf, middle, lower}));
    all.push_back(cell("chain with its root and a stranger", verdict::accept, "",
        {leaf, issue(authority_order("a stranger")), usual_root(), middle, lower}));
    all.push_back(cell("incomplete chain", verdict::refuse, "unable to get local issuer certificate", {leaf, middle}));
    all.push_back(cell("leaf alone", verdict::refuse, "unable to get local issuer certificate", {leaf}));
    const auto impostor = issue(leaf_with([](order& it) { it.common_name = "impostor"; }), &usual_root());
    all.push_back(
        cell("leaf that signs", verdict::refuse, "invalid CA certificate", {issue(named(), &impostor), impostor}));
    auto shallow = authority_order("no room below");
    shallow.basic = "critical,CA:TRUE,pathlen:0";
    const auto top = issue(shallow, &usual_root());
    const auto below = issue(authority_order("too deep"), &top);
    all.push_back(
        cell("path too long", verdict::refuse, "path length constraint", {issue(named(), &below), below, top}));
}

void add_purposes(std::vector<matrix_cell>& all)
{
    const auto with_usage = [](const char* extended) {
        return leaf_with([&](order& it) { it.extended_usage = extended; });
    };
    all.push_back(of_leaf("for servers", verdict::accept, "", with_usage("serverAuth,clientAuth")));
    all.push_back(of_leaf("for clients", verdict::refuse, "unsuitable certificate purpose", with_usage("clientAuth")));
    all.push_back(of_leaf("for code", verdict::refuse, "unsuitable certificate purpose", with_usage("codeSigning")));
    all.push_back(of_leaf("for signing certificates only", verdict::refuse, "",
        leaf_with([](order& it) { it.usage = "critical,keyCertSign"; })));
    auto narrow = authority_order("for elsewhere");
    narrow.constraints = "critical,permitted;DNS:example.test";
    const auto elsewhere = issue(narrow, &usual_root());
    all.push_back(cell("outside its authority's names", verdict::refuse, "permitted subtree violation",
        {issue(named(), &elsewhere), elsewhere}));
}

void add_strengths(std::vector<matrix_cell>& all)
{
    const auto with_key = [](key_kind kind) { return leaf_with([&](order& it) { it.key = kind; }); };
    all.push_back(of_leaf("ecc256", verdict::accept, "", with_key(key_kind::ec256)));
    all.push_back(of_leaf("ecc384", verdict::accept, "", with_key(key_kind::ec384)));
    all.push_back(of_leaf("ed25519", verdict::accept, "", with_key(key_kind::ed25519)));
    all.push_back(of_leaf("rsa1024", verdict::refuse, "EE certificate key too weak", with_key(key_kind::rsa1024)));
    all.push_back(of_leaf("rsa2048", verdict::accept, "", with_key(key_kind::rsa2048)));
    auto weak = authority_order("weak intermediate");
    weak.key = key_kind::rsa1024;
    const auto middle = issue(weak, &usual_root());
    all.push_back(cell(
        "rsa1024 intermediate", verdict::refuse, "CA certificate key too weak", {issue(named(), &middle), middle}));
    for (const char* digest : {"SHA256", "SHA384", "SHA512"})
        all.push_back(of_leaf(digest, verdict::accept, "", leaf_with([&](order& it) { it.digest = digest; })));
    auto classic = authority_order("rsa2048 intermediate");
    classic.key = key_kind::rsa2048;
    const auto signs = issue(classic, &usual_root());
    for (const char* digest : {"SHA256", "SHA1", "MD5"}) {
        const auto leaf = issue(leaf_with([&](order& it) { it.digest = digest; }), &signs);
        const bool strong = digest == std::string("SHA256");
        all.push_back(cell(std::string("RSA with ") + digest, strong ? verdict::accept : verdict::refuse,
            strong ? "" : "CA signature digest algorithm too weak", {leaf, signs}));
    }
    all.push_back(of_leaf("ECDSA with SHA1", verdict::refuse, "CA signature digest algorithm too weak",
        leaf_with([](order& it) { it.digest = "SHA1"; })));
    auto hashed = authority_order("sha1 intermediate");
    hashed.digest = "SHA1";
    const auto signed_badly = issue(hashed, &usual_root());
    all.push_back(cell("SHA1 intermediate", verdict::refuse, "CA signature digest algorithm too weak",
        {issue(named(), &signed_badly), signed_badly}));
}

void add_large_keys(std::vector<matrix_cell>& all)
{
    for (const auto& [name, kind] : {std::pair("rsa4096", key_kind::rsa4096), std::pair("rsa8192", key_kind::rsa8192)})
        all.push_back(of_leaf(name, verdict::accept, "", leaf_with([&, size = kind](order& it) { it.key = size; })));
}

void add_unchecked(std::vector<matrix_cell>& all)
{
    for (const char* name : {"revoked", "no SCT", "invalid SCT", "pinning (not offered)", "extended validation"})
        all.push_back(of_leaf(name, verdict::unchecked, "", named()));
}

}

const certified& usual_root()
{
    static const certified root = issue(authority_order("test root"));
    return root;
}

std::vector<certified> usual_chain(order leaf)
{
    const auto& root = usual_root();
    return {issue(leaf, &root)};
}

std::vector<matrix_cell> strength_cells()
{
    std::vector<matrix_cell> all;
    add_strengths(all);
    return all;
}

std::vector<matrix_cell> certificate_cells()
{
    std::vector<matrix_cell> all;
    add_dates(all);
    add_names(all);
    add_trust(all);
    add_purposes(all);
    add_strengths(all);
    add_large_keys(all);
    add_unchecked(all);
    return all;
}

}
