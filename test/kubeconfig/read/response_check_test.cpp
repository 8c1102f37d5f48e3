#include "kubeconfig/read/response_check.hpp"
#include "kubeconfig/samples.hpp"

#include <doctest/doctest.h>

// The checks that each response runs through before it is delivered: is it a kubeconfig, and of the right cluster.
// They scan and do not parse, so that the forms which a scan could get wrong are listed one by one.

using doks::kube::names_other_cluster;
using doks::kube::why_not_kubeconfig;

// The check runs on each response; a false alarm would fail a good fetch.
TEST_CASE("every form of a kubeconfig passes the check")
{
    CHECK_FALSE(why_not_kubeconfig(sample::with_token()));
    CHECK_FALSE(why_not_kubeconfig(sample::with_certificate()));
    CHECK_FALSE(why_not_kubeconfig(sample::with_exec()));
    CHECK_FALSE(why_not_kubeconfig(sample::as_json()));
    CHECK_FALSE(why_not_kubeconfig("  " + sample::as_json()));
    CHECK_FALSE(why_not_kubeconfig(sample::changed(sample::with_token(), "kind: Config", "\"kind\": 'Config'")));
    CHECK_FALSE(why_not_kubeconfig(sample::changed(sample::with_token(), "kind: Config", "kind: Config   \r")));
}

// A gateway's HTML page is the most frequent one, and the message should say so.
TEST_CASE("a response that is no kubeconfig is named by its kind")
{
    CHECK(why_not_kubeconfig("") == "empty body");
    CHECK(why_not_kubeconfig(" \r\n\t") == "empty body");
    CHECK(why_not_kubeconfig("<!DOCTYPE html><html></html>") == "an HTML page");
    CHECK(why_not_kubeconfig("\n <HTML><body>") == "an HTML page");
    CHECK(why_not_kubeconfig("<?xml version='1.0'?>") == "XML, or an HTML page");
    CHECK(why_not_kubeconfig("kind: Pod\n") == "YAML, but `kind` is `Pod`");
    CHECK(why_not_kubeconfig("{\"kind\":\"Pod\"}") == "JSON, but `kind` is `Pod`");
    CHECK(why_not_kubeconfig("kind: 4f6dop_v1\n") == "YAML, but `kind` is not `Config`");
    CHECK(why_not_kubeconfig("{\"id\":\"not_found\",\"message\":\"x\"}") == "JSON, but without `kind`");
    CHECK(why_not_kubeconfig("[1]") == "JSON, but not a mapping");
    CHECK(why_not_kubeconfig("upstream connect error") == "text without structure");
    CHECK(why_not_kubeconfig("kind: Config\n") == "YAML, but without `clusters`");
    CHECK(why_not_kubeconfig("kind: Config\nclusters: [{}]\nusers: []\n") == "YAML, but without `users`");
    CHECK(why_not_kubeconfig("kind: Config\n\xff") == "not UTF-8");
    CHECK(why_not_kubeconfig("a: [\n")->starts_with("not YAML: line "));
}

// What it refuses may still hold a token.
TEST_CASE("the check quotes nothing of what it refuses")
{
    const std::string bodies[] = {"canary", "kind: canary-1\n", "a: [canary\n", "{\"canary\": 1}",
        "canary: &canary 1\n", "<canary>", "'canary", "canary: canary: canary\n"};
    for (const auto& body : bodies) CHECK(why_not_kubeconfig(body)->find("canary") == std::string::npos);
}

// The last guard against a response that belongs to another request on the same connection.
TEST_CASE("a kubeconfig of another cluster is recognised by its server")
{
    const std::string other(sample::other_id);
    CHECK_FALSE(names_other_cluster(sample::with_token(), sample::id));
    CHECK(names_other_cluster(sample::with_token(sample::other_id), sample::id) == other + ".k8s.ondigitalocean.com");
    CHECK(names_other_cluster(sample::as_json(), sample::other_id) ==
          std::string(sample::id) + ".k8s.ondigitalocean.com");
    CHECK_FALSE(
        names_other_cluster("server: https://AAAAAAAA-bbbb-4CCC-8ddd-eeeeeeeeeeee.K8S.DigitalOcean.com", other));
    CHECK_FALSE(
        names_other_cluster("server: https://AAAAAAAA-bbbb-4CCC-8ddd-eeeeeeeeeeee.K8S.OnDigitalOcean.com:443/", other));
    CHECK(names_other_cluster(
        "server: https://AAAAAAAA-bbbb-4CCC-8ddd-eeeeeeeeeeee.K8S.OnDigitalOcean.com:443/", sample::id));
}

// Its URLs have the UUID in the path; other servers say nothing about the cluster.
TEST_CASE("the simulator's servers count as well, and other servers do not")
{
    const std::string other(sample::other_id);
    CHECK(names_other_cluster("  server: https://127.0.0.1:8443/clusters/" + other + "\n", sample::id) ==
          "127.0.0.1:8443/clusters/" + other);
    CHECK(names_other_cluster("\"server\" : \"https://[::1]:8443/clusters/" + other + "/\",", sample::id));
    CHECK_FALSE(names_other_cluster("server: https://127.0.0.1:8443/clusters/" + other, other));
    CHECK_FALSE(names_other_cluster("server: https://127.0.0.1:8443/clusters/short", other));
    CHECK_FALSE(names_other_cluster("server: https://example.com", other));
    CHECK_FALSE(names_other_cluster("tls-server: https://" + other + ".k8s.ondigitalocean.com", sample::id));
    CHECK_FALSE(names_other_cluster("server", sample::id));
    CHECK_FALSE(names_other_cluster("server:", sample::id));
    CHECK_FALSE(names_other_cluster("", sample::id));
}

// kubectl may use any of them.
TEST_CASE("one foreign server among several is enough")
{
    const auto text = sample::with_token() + "- cluster:\n    server: https://" + std::string(sample::other_id) +
                      ".k8s.ondigitalocean.com\n";
    CHECK(names_other_cluster(text, sample::id));
}
