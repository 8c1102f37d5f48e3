#include "kubeconfig/file/files.hpp"

#include <doks/audit.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

// What an audit finds. `save` refuses a kubeconfig from the API with any finding but a foreign server, so that
// false alarms count as much as omissions.

using doks::kubeconfig_file;
using kind = doks::audit_kind;

namespace {

/// The audit of the text has this finding, at this place.
bool has(std::string_view text, kind wanted, std::string_view where, std::string_view detail = {})
{
    const auto all = doks::audit(text);
    return std::any_of(all.begin(), all.end(), [&](const doks::audit_finding& each) {
        return each.kind == wanted && each.where == where && (detail.empty() || each.detail == detail);
    });
}

std::string cluster_with(std::string_view lines)
{
    return sample::changed(sample::with_token(), "    server:", "    " + std::string(lines) + "\n    server:");
}

}

// A false finding would make `save` refuse every cluster.
TEST_CASE("a kubeconfig as the API gives it has no findings")
{
    CHECK(doks::audit(sample::with_token()).empty());
    CHECK(doks::audit(sample::with_certificate()).empty());
    CHECK(doks::audit(sample::as_json()).empty());
}

// One document with everything that an audit looks for, so that a kind cannot be forgotten.
TEST_CASE("what runs, reads, redirects or trusts is found, with its place and without secrets")
{
    CHECK(has(sample::with_exec(), kind::runs_program, "users[0].user.exec", "doctl"));
    CHECK(has(sample::around("    auth-provider: {name: gcp, config: {cmd-path: /bin/sh}}\n"), kind::auth_provider,
        "users[0].user.auth-provider", "gcp"));
    for (const std::string key : {"tokenFile", "client-certificate", "client-key"})
        CHECK(has(sample::around("    " + key + ": /etc/shadow\n"), kind::refers_to_file, "users[0].user." + key,
            "/etc/shadow"));
    CHECK(has(cluster_with("certificate-authority: ca.pem"), kind::refers_to_file,
        "clusters[0].cluster.certificate-authority"));
    CHECK(has(cluster_with("insecure-skip-tls-verify: true"), kind::verification_off,
        "clusters[0].cluster.insecure-skip-tls-verify"));
    CHECK_FALSE(has(cluster_with("insecure-skip-tls-verify: false"), kind::verification_off,
        "clusters[0].cluster.insecure-skip-tls-verify"));
    CHECK(has(cluster_with("proxy-url: http://me:secret@proxy:3128"), kind::proxied, "clusters[0].cluster.proxy-url",
        "http://...@proxy:3128"));
    CHECK(has(cluster_with("tls-server-name: x"), kind::other_server_name, "clusters[0].cluster.tls-server-name", "x"));
    CHECK(has(sample::around("    as: root\n    username: a\n    password: b\n"), kind::impersonates,
        "users[0].user.as", "root"));
    CHECK(has(sample::around("    as-groups: [system:masters]\n"), kind::impersonates, "users[0].user.as-groups"));
    for (const auto& each : doks::audit(sample::around("    password: hunter2\n"))) CHECK(each.detail.empty());
}

// Names that contain the domain without ending in it, user parts, ports and trailing dots.
TEST_CASE("a server outside DigitalOcean's domain is found however it is dressed up")
{
    const auto with = [](std::string_view server) {
        return sample::changed(
            sample::with_token(), "https://" + std::string(sample::id) + ".k8s.ondigitalocean.com", server);
    };
    for (std::string_view server : {"https://evil.example.com", "https://x.k8s.ondigitalocean.com.evil.com",
             "https://x.k8s.ondigitalocean.com@evil.com", "https://evil.com/.k8s.ondigitalocean.com",
             "https://evil.com#.k8s.ondigitalocean.com", "https://evilk8s.ondigitalocean.com",
             "https://.k8s.ondigitalocean.com", "https://evil.com\\.k8s.ondigitalocean.com", "\"\""})
        CHECK_MESSAGE(has(with(server), kind::foreign_server, "clusters[0].cluster.server"), server);
    CHECK_FALSE(has(with("https://X.K8S.DigitalOcean.com:443/"), kind::not_encrypted, "clusters[0].cluster.server"));
    CHECK(doks::audit(with("https://X.K8s.OnDigitalOcean.com:443/")).empty());
    CHECK(has(with("http://x.k8s.ondigitalocean.com"), kind::not_encrypted, "clusters[0].cluster.server"));
}

// kubectl accepts each of these, and shows something else than it does.
TEST_CASE("names that lie, stand twice or name nothing are found")
{
    const auto doubled = sample::changed(sample::with_token(), "contexts:\n",
        "contexts:\n- context: {cluster: no, user: \"n\\e\"}\n  name: do-nyc1-blue\n");
    CHECK(has(doubled, kind::duplicate_name, "contexts[1].name", "do-nyc1-blue"));
    CHECK(has(doubled, kind::dangling_reference, "contexts[0].context.cluster", "no"));
    CHECK(has(doubled, kind::dangling_reference, "contexts[0].context.user", "(unprintable)"));
    CHECK(has(sample::changed(sample::with_token(), "current-context: do", "current-context: no"),
        kind::dangling_current, "current-context", "no-nyc1-blue"));
    CHECK(has("users:\n- name: \"a\\e[2J\"\n", kind::unprintable_name, "users[0].name"));
    CHECK(has("users:\n- name: \"\\u202egpj\"\n", kind::unprintable_name, "users[0].name"));
}

// An audit reports on any bytes and never throws for them.
TEST_CASE("a document that is no kubeconfig is a finding too, in no time")
{
    for (const std::string& text : {std::string("a: !x b"), std::string("a: *x"), std::string("- a"),
             std::string("kind: Pod"), std::string("a: 1\n---\nb: 1\n"), std::string("%\x81"), std::string(100000, '['),
             std::string(1000000, '['), std::string("\0\0", 2), std::string()}) {
        const auto start = std::chrono::steady_clock::now();
        CHECK(has(text, kind::not_a_kubeconfig_file, text == "kind: Pod" ? "kind" : ""));
        CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
    }
}

// It shares one parse with other questions, whichever of them comes first.
TEST_CASE("an audit of a kubeconfig finds what one of its bytes finds, before and after other questions")
{
    for (const auto& text : {sample::with_token(sample::other_id), std::string("kind: Pod\n"), std::string("a: [")}) {
        const doks::kubeconfig config{std::string_view(text)};
        const auto of_bytes = doks::audit(text);
        for (int times = 0; times < 2; ++times) {
            const auto of_config = doks::audit(config);
            REQUIRE(of_config.size() == of_bytes.size());
            for (std::size_t i = 0; i < of_bytes.size(); ++i) CHECK(of_config[i].kind == of_bytes[i].kind);
        }
    }
    const scratch root;
    const auto config = config_number(1);
    CHECK(doks::audit(config).empty());
    kubeconfig_file file(root / "config");
    CHECK(file.merge(config, undisturbed()).entries.size() == 1);
    CHECK(file.merge(config, undisturbed()).entries.front().change == doks::merge_change::unchanged);
    CHECK(config.current().context == name_of(1));
}
