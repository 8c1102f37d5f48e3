#include "sim/simulated.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

// The simulator's API over HTTPS against the forms of DigitalOcean's responses.

using namespace sim_test;

namespace {

sim::options many(std::size_t clusters)
{
    sim::options how = unlimited();
    how.clusters = clusters;
    return how;
}

std::set<std::string> ids_in(const boost::json::object& page)
{
    std::set<std::string> ids;
    for (const auto& each : page.at("kubernetes_clusters").as_array()) ids.insert(text(each.at("id")));
    return ids;
}

}

TEST_CASE("the pages of the list hold every cluster once")
{
    simulated it(many(45));
    auto first = json_in(it.get("/v2/kubernetes/clusters"));
    CHECK(first.at("kubernetes_clusters").as_array().size() == 20);
    CHECK(first.at("meta").at("total") == 45);
    const auto& pages = first.at("links").at("pages").as_object();
    CHECK(text(pages.at("next")) == it.api.url() + "/v2/kubernetes/clusters?page=2&per_page=20");
    CHECK(text(pages.at("last")) == it.api.url() + "/v2/kubernetes/clusters?page=3&per_page=20");
    CHECK_FALSE(pages.contains("prev"));

    std::set<std::string> seen = ids_in(first);
    seen.merge(ids_in(json_in(it.get("/v2/kubernetes/clusters?page=2"))));
    auto last = json_in(it.get("/v2/kubernetes/clusters?page=3"));
    CHECK(last.at("kubernetes_clusters").as_array().size() == 5);
    CHECK_FALSE(last.at("links").at("pages").as_object().contains("next"));
    CHECK(text(last.at("links").at("pages").at("prev")).ends_with("?page=2&per_page=20"));
    seen.merge(ids_in(last));
    CHECK(seen.size() == 45);
}

TEST_CASE("a page has at most 200 clusters, and what cannot be read is the default")
{
    simulated it(many(230));
    CHECK(ids_in(json_in(it.get("/v2/kubernetes/clusters?per_page=200"))).size() == 200);
    CHECK(ids_in(json_in(it.get("/v2/kubernetes/clusters?per_page=1000"))).size() == 200);
    CHECK(ids_in(json_in(it.get("/v2/kubernetes/clusters?per_page=0"))).size() == 20);
    CHECK(ids_in(json_in(it.get("/v2/kubernetes/clusters?per_page=x&page=-1"))).size() == 20);
    auto beyond = json_in(it.get("/v2/kubernetes/clusters?page=99&per_page=200"));
    CHECK(ids_in(beyond).empty());
    CHECK(beyond.at("meta").at("total") == 230);
}

TEST_CASE("a single page has links without pages")
{
    simulated it(many(2));
    CHECK(json_in(it.get("/v2/kubernetes/clusters")).at("links").as_object().empty());
    simulated none(many(0));
    CHECK(json_in(none.get("/v2/kubernetes/clusters")).at("meta").at("total") == 0);
}

TEST_CASE("a cluster is described in full, and without its tags to a narrow token")
{
    simulated it;
    sim::cluster_spec spec = it.api.cluster(it.api.cluster_ids()[1]);
    spec.tags = {"team:blue"};
    spec.sso = true;
    it.api.set_cluster(spec);
    auto cluster = json_in(it.get(it.path_of(spec.id))).at("kubernetes_cluster").as_object();
    CHECK(text(cluster.at("name")) == "cluster-2");
    CHECK(text(cluster.at("region")) == spec.region);
    CHECK(text(cluster.at("status").at("state")) == "running");
    CHECK(text(cluster.at("endpoint")) == it.api.kube_url() + "/clusters/" + spec.id);
    CHECK(text(cluster.at("tags").as_array().back()) == "team:blue");
    CHECK(cluster.at("sso").at("enabled") == true);
    CHECK(cluster.at("node_pools").as_array()[0].at("labels").is_null());

    it.api.add_token({.label = "narrow", .scopes = {"kubernetes:read"}});
    auto narrow = json_in(it.get(it.path_of(spec.id), it.api.token("narrow")));
    CHECK_FALSE(narrow.at("kubernetes_cluster").as_object().contains("tags"));
}

TEST_CASE("a kubeconfig has exactly DigitalOcean's form")
{
    simulated it;
    std::string id = it.api.cluster_ids().front();
    response answer = it.get(it.kubeconfig());
    CHECK(answer.status == 200);
    CHECK(answer.header("content-type") == "application/yaml");
    std::string ca = yaml_value(answer.body, "certificate-authority-data");
    std::string token = yaml_value(answer.body, "token");
    CHECK(from_base64(ca).starts_with("-----BEGIN CERTIFICATE-----"));
    CHECK(from_base64(ca) != it.api.ca_pem());
    CHECK(token.size() == 64);
    CHECK(it.api.cluster_of(token) == id);
    CHECK(answer.body == "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: " + ca +
                             "\n    server: " + it.api.kube_url() + "/clusters/" + id +
                             "\n  name: do-nyc1-cluster-1\ncontexts:\n- context:\n    cluster: do-nyc1-cluster-1\n"
                             "    user: do-nyc1-cluster-1-admin\n  name: do-nyc1-cluster-1\n"
                             "current-context: do-nyc1-cluster-1\nkind: Config\npreferences: {}\nusers:\n"
                             "- name: do-nyc1-cluster-1-admin\n  user:\n    token: " +
                             token + "\n");
}

TEST_CASE("every kubeconfig request mints another credential")
{
    simulated it;
    CHECK(yaml_value(it.get(it.kubeconfig()).body, "token") != yaml_value(it.get(it.kubeconfig()).body, "token"));
    CHECK(it.api.counts().minted == 2);
    CHECK(it.api.counts().minted_by_cluster.at(it.api.cluster_ids().front()) == 2);
}

TEST_CASE("kubeconfigs have DigitalOcean's own names on demand")
{
    sim::options how = unlimited();
    how.real_kube_names = true;
    simulated it(how);
    std::string server = yaml_value(it.get(it.kubeconfig()).body, "server");
    CHECK(server == "https://" + it.api.cluster_ids().front() + ".k8s.ondigitalocean.com");
}

TEST_CASE("an old cluster issues client certificates that live 7 days, whatever expiry is requested")
{
    simulated it;
    sim::cluster_spec old;
    old.form = sim::credential_form::certificate;
    std::string id = it.api.set_cluster(old);
    response answer = it.get(it.path_of(id, "kubeconfig") + "?expiry_seconds=60");
    CHECK(from_base64(yaml_value(answer.body, "client-certificate-data")).starts_with("-----BEGIN CERTIFICATE-----"));
    CHECK(from_base64(yaml_value(answer.body, "client-key-data")).starts_with("-----BEGIN PRIVATE KEY-----"));
    CHECK(yaml_value(answer.body, "token").empty());
    auto credentials = json_in(it.get(it.path_of(id, "credentials") + "?expiry_seconds=60"));
    CHECK(text(credentials.at("token")).empty());
    CHECK(from_base64(text(credentials.at("client_certificate_data"))).starts_with("-----BEGIN CERTIFICATE-----"));
    CHECK(text(credentials.at("expires_at")).ends_with(".000000000Z"));
}

TEST_CASE("a cluster with single sign-on returns the exec form unless a token is requested")
{
    simulated it;
    std::string id = it.api.set_cluster({.name = "office", .sso = true});
    response sso = it.get(it.path_of(id, "kubeconfig"));
    CHECK(yaml_value(sso.body, "command") == "doctl");
    CHECK(sso.body.find("- " + id + "\n") != std::string::npos);
    CHECK(yaml_value(sso.body, "token").empty());
    CHECK(it.api.counts().minted == 0);
    CHECK(it.get(it.path_of(id, "kubeconfig") + "?type=sso").body == sso.body);
    CHECK_FALSE(yaml_value(it.get(it.path_of(id, "kubeconfig") + "?type=token").body, "token").empty());
    CHECK(it.get(it.path_of(id, "kubeconfig") + "?type=sso&expiry_seconds=60").status == 400);
    CHECK(it.get(it.kubeconfig() + "?type=sso").status == 400);
    CHECK(it.get(it.kubeconfig() + "?type=ticket").status == 400);
}

TEST_CASE("an expiry is a whole number of seconds of 0 or more")
{
    simulated it;
    for (const char* good : {"0", "1", "86400", "2147483647"})
        CHECK(it.get(it.kubeconfig() + "?expiry_seconds=" + good).status == 200);
    for (const char* bad : {"-1", "1.5", "", "1h", "99999999999999999999"})
        CHECK(it.get(it.kubeconfig() + "?expiry_seconds=" + bad).status == 400);
}

TEST_CASE("credentials carry the exact expiry with nine fractional digits")
{
    simulated it;
    auto body = json_in(it.get(it.path_of(it.api.cluster_ids().front(), "credentials") + "?expiry_seconds=600"));
    CHECK(body.at("client_certificate_data").is_null());
    CHECK(body.at("client_key_data").is_null());
    CHECK(it.api.cluster_of(text(body.at("token"))) == it.api.cluster_ids().front());
    std::string expires = text(body.at("expires_at"));
    CHECK(expires.size() == 30);
    CHECK(expires.ends_with('Z'));
    CHECK(expires[19] == '.');
}

TEST_CASE("user returns the user name and the groups of a credential")
{
    simulated it;
    auto body =
        json_in(it.get(it.path_of(it.api.cluster_ids().front(), "user"))).at("kubernetes_cluster_user").as_object();
    CHECK(text(body.at("username")) == "token@doks-sim.example");
    CHECK(text(body.at("groups").as_array()[0]) == "k8saas:authenticated");
    CHECK(it.api.counts().minted == 0);
}

TEST_CASE("errors are JSON with an id, a message and the request id of the header")
{
    simulated it;
    auto check = [](const response& answer, unsigned status, const std::string& id) {
        CHECK(answer.status == status);
        CHECK(text(json_in(answer).at("id")) == id);
        CHECK_FALSE(text(json_in(answer).at("message")).empty());
        CHECK(text(json_in(answer).at("request_id")) == answer.header("x-request-id"));
        CHECK_FALSE(answer.header("date").empty());
    };
    check(it.get(it.kubeconfig(), ""), 401, "unauthorized");
    check(it.get(it.kubeconfig(), "dop_v1_wrong"), 401, "unauthorized");
    check(it.get("/v2/account"), 404, "not_found");
    check(it.get(it.path_of("00000000-0000-4000-8000-000000000000", "kubeconfig")), 404, "not_found");
    check(it.get(it.kubeconfig() + "/more"), 404, "not_found");
    it.api.add_token({.label = "narrow", .scopes = {"kubernetes:read"}});
    check(it.get(it.kubeconfig(), it.api.token("narrow")), 403, "forbidden");
    CHECK(it.get(it.kubeconfig(), it.api.token("narrow")).body.find("kubernetes:access_cluster") != std::string::npos);
    CHECK(it.get("/v2/kubernetes/clusters", it.api.token("narrow")).status == 200);
    https_client client = it.connect();
    response post = client.exchange("POST", it.kubeconfig(), it.api.token(), "{}");
    check(post, 405, "method_not_allowed");
    CHECK(post.header("allow") == "GET");
}

TEST_CASE("a provisioning cluster and a removed one have no kubeconfig")
{
    simulated it;
    sim::cluster_spec spec = it.api.cluster(it.api.cluster_ids().front());
    spec.state = "provisioning";
    it.api.set_cluster(spec);
    CHECK(it.get(it.kubeconfig()).status == 404);
    CHECK(it.get(it.path_of(spec.id)).status == 200);
    spec.state = "running";
    it.api.set_cluster(spec);
    CHECK(it.get(it.kubeconfig()).status == 200);
    std::string path = it.kubeconfig();
    it.api.remove_cluster(spec.id);
    CHECK(it.get(path).status == 404);
    CHECK(it.api.cluster_ids().size() == 2);
}

TEST_CASE("a token can be revoked and another one added")
{
    simulated it;
    std::string old = it.api.token();
    it.api.add_token({.label = "next", .value = "dop_v1_next"});
    it.api.revoke_token(old);
    CHECK(it.get(it.kubeconfig(), old).status == 401);
    CHECK(it.get(it.kubeconfig(), "dop_v1_next").status == 200);
}

TEST_CASE("bytes that are no HTTP request are refused, and the connection is closed")
{
    simulated it;
    for (const char* bad :
        {"GET / HTTP/2\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\n"}) {
        https_client client = it.connect();
        client.send(bad);
        response answer = client.receive();
        CHECK(answer.status == 400);
        CHECK(client.receive_all().after == finish::closed);
    }
    CHECK(it.api.counts().requests == 0);
}
