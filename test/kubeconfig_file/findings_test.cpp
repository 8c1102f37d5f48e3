#include "kubeconfig/samples.hpp"

#include <doks/audit.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

using kind = doks::finding_kind;

namespace {

bool has(std::string_view text, kind wanted, std::string_view where, std::string_view detail = {})
{
    const auto all = doks::findings(text);
    return std::any_of(all.begin(), all.end(), [&](const doks::finding& each) {
        return each.kind == wanted && each.where == where && (detail.empty() || each.detail == detail);
    });
}

std::string cluster_with(std::string_view lines)
{
    return sample::changed(sample::with_token(), "    server:", "    " + std::string(lines) + "\n    server:");
}

}

TEST_CASE("a kubeconfig as the API gives it has no findings")
{
    CHECK(doks::findings(sample::with_token()).empty());
    CHECK(doks::findings(sample::with_certificate()).empty());
    CHECK(doks::findings(sample::as_json()).empty());
}

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
    for (const auto& each : doks::findings(sample::around("    password: hunter2\n"))) CHECK(each.detail.empty());
}

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
    CHECK(doks::findings(with("https://X.K8s.OnDigitalOcean.com:443/")).empty());
    CHECK(has(with("http://x.k8s.ondigitalocean.com"), kind::not_encrypted, "clusters[0].cluster.server"));
}

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

TEST_CASE("what is no kubeconfig is a finding too, in no time")
{
    for (const std::string& text : {std::string("a: !x b"), std::string("a: *x"), std::string("- a"),
             std::string("kind: Pod"), std::string("a: 1\n---\nb: 1\n"), std::string("%\x81"), std::string(100000, '['),
             std::string(1000000, '['), std::string("\0\0", 2), std::string()}) {
        const auto start = std::chrono::steady_clock::now();
        CHECK(has(text, kind::not_a_kubeconfig_file, text == "kind: Pod" ? "kind" : ""));
        CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
    }
}
