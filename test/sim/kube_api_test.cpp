#include "sim/simulated.hpp"

#include "sim/kube/access_review.hpp"
#include "sim/kube/kube_api.hpp"
#include "sim/pki/issuer.hpp"

#include <doctest/doctest.h>

using namespace sim_test;
using sim::role;

namespace {

/** One credential of the first cluster, and requests to its Kubernetes API with it. */
struct visitor
{
    explicit visitor(role who)
    {
        it.api.add_token({.label = "visitor", .role = who});
        response config = it.get(it.kubeconfig(), it.api.token("visitor"));
        token = yaml_value(config.body, "token");
        ca = from_base64(yaml_value(config.body, "certificate-authority-data"));
        base = "/clusters/" + it.api.cluster_ids().front();
    }

    unsigned status(std::string_view method, std::string_view path, std::string_view body = {}) const
    {
        return ask(method, path, body).status;
    }

    response ask(std::string_view method, std::string_view path, std::string_view body = {}) const
    {
        https_client client(it.api.kube_url(), ca);
        return client.exchange(method, base + std::string(path), token, body);
    }

    bool may(const std::string& verb, const std::string& resource, const std::string& group = "") const
    {
        std::string review = R"({"kind":"SelfSubjectAccessReview","apiVersion":"authorization.k8s.io/v1","spec":)"
                             R"({"resourceAttributes":{"namespace":"default","verb":")" +
                             verb + R"(","group":")" + group + R"(","resource":")" + resource + "\"}}}";
        response answer = ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", review);
        CHECK(answer.status == 201);
        return json_in(answer).at("status").at("allowed").as_bool();
    }

    simulated it;
    std::string token;
    std::string ca;
    std::string base;
};

constexpr std::string_view config_map =
    R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"mine"},"data":{"a":"b"}})";
constexpr std::string_view config_maps = "/api/v1/namespaces/default/configmaps";
constexpr std::string_view root_ca = "/api/v1/namespaces/default/configmaps/kube-root-ca.crt";
constexpr unsigned allowed_but_read_only = 405;

}

TEST_CASE("an owner may do everything")
{
    visitor owner(role::owner);
    CHECK(text(json_in(owner.ask("GET", "/version")).at("gitVersion")) == "v1.32.4");
    auto spaces = json_in(owner.ask("GET", "/api/v1/namespaces?limit=500"));
    CHECK(text(spaces.at("kind")) == "NamespaceList");
    CHECK(spaces.at("items").as_array().size() == 4);
    CHECK(json_in(owner.ask("GET", "/api/v1/pods")).at("items").as_array().size() == 2);
    CHECK(owner.status("GET", "/api/v1/namespaces/default/secrets/example") == 200);
    CHECK(owner.status("GET", "/api/v1/namespaces/default/secrets/mine") == 404);
    CHECK(owner.status("POST", config_maps, config_map) == allowed_but_read_only);
    CHECK(owner.may("delete", "configmaps"));
    CHECK(owner.may("create", "rolebindings", "rbac.authorization.k8s.io"));
}

TEST_CASE("a write that the rights allow is refused as such, and changes nothing")
{
    visitor owner(role::owner);
    std::string before = owner.ask("GET", config_maps).body;
    response refused = owner.ask("POST", config_maps, config_map);
    CHECK(refused.status == 405);
    CHECK(text(json_in(refused).at("reason")) == "MethodNotAllowed");
    CHECK(text(json_in(refused).at("message")) == "the simulator's clusters can only be read");
    for (const char* method : {"PUT", "PATCH", "DELETE"}) CHECK(owner.status(method, root_ca, config_map) == 405);
    CHECK(owner.ask("GET", config_maps).body == before);
    auto resources = json_in(owner.ask("GET", "/api/v1")).at("resources").as_array();
    CHECK(resources[0].at("verbs").as_array() == boost::json::array{"get", "list"});
}

TEST_CASE("a member may do what an owner may")
{
    visitor member(role::member);
    CHECK(member.status("POST", config_maps, config_map) == allowed_but_read_only);
    CHECK(member.status("DELETE", root_ca) == allowed_but_read_only);
    CHECK(member.may("create", "configmaps"));
    CHECK(member.may("delete", "configmaps"));
}

TEST_CASE("a modifier may create, read and update, but not delete or bind roles")
{
    visitor modifier(role::modifier);
    CHECK(modifier.status("POST", config_maps, config_map) == allowed_but_read_only);
    CHECK(modifier.status("PUT", root_ca, config_map) == allowed_but_read_only);
    response refused = modifier.ask("DELETE", root_ca);
    CHECK(refused.status == 403);
    CHECK(text(json_in(refused).at("reason")) == "Forbidden");
    CHECK(modifier.status("GET", root_ca) == 200);
    CHECK(modifier.may("create", "configmaps"));
    CHECK(modifier.may("update", "configmaps"));
    CHECK_FALSE(modifier.may("delete", "configmaps"));
    CHECK_FALSE(modifier.may("create", "rolebindings", "rbac.authorization.k8s.io"));
}

TEST_CASE("billers and viewers may look, but not at secrets")
{
    for (role who : {role::biller, role::billing_viewer, role::resource_viewer}) {
        visitor viewer(who);
        CHECK(viewer.status("GET", "/api/v1/namespaces/default/pods") == 200);
        CHECK(viewer.status("GET", "/api/v1/namespaces/default/secrets") == 403);
        CHECK(viewer.status("POST", config_maps, config_map) == 403);
        CHECK_FALSE(viewer.may("get", "secrets"));
        CHECK(viewer.may("list", "pods"));
    }
}

TEST_CASE("a custom role is let in and may do nothing")
{
    visitor custom(role::custom);
    CHECK(custom.status("GET", "/version") == 200);
    CHECK(custom.status("GET", "/api/v1") == 200);
    response refused = custom.ask("GET", "/api/v1/namespaces");
    CHECK(refused.status == 403);
    auto status = json_in(refused);
    CHECK(text(status.at("kind")) == "Status");
    CHECK(status.at("code") == 403);
    CHECK(text(status.at("message")) ==
          "namespaces is forbidden: User \"visitor@doks-sim.example\" cannot list resource "
          "\"namespaces\" in API group \"\" at the cluster scope");
    CHECK_FALSE(custom.may("get", "pods"));
}

TEST_CASE("a cluster accepts only credentials that were minted for it")
{
    visitor owner(role::owner);
    CHECK(owner.status("GET", "/api/v1/namespaces") == 200);
    std::string own = owner.token;
    for (const std::string& bad : {std::string(), std::string("invented"), owner.it.api.token()}) {
        owner.token = bad;
        response refused = owner.ask("GET", "/version");
        CHECK(refused.status == 401);
        CHECK(text(json_in(refused).at("reason")) == "Unauthorized");
    }
    owner.token = own;
    owner.base = "/clusters/" + owner.it.api.cluster_ids()[1];
    CHECK(owner.status("GET", "/version") == 401);
    owner.base = "/elsewhere";
    CHECK(owner.status("GET", "/version") == 404);
}

TEST_CASE("a cluster can refuse a credential before it expires")
{
    visitor owner(role::owner);
    owner.it.api.revoke_credentials(owner.it.api.cluster_ids().front());
    CHECK(owner.status("GET", "/version") == 401);
    CHECK(owner.it.api.cluster_of(owner.token).empty());
    owner.token = yaml_value(owner.it.get(owner.it.kubeconfig()).body, "token");
    CHECK(owner.status("GET", "/version") == 200);
    owner.it.api.remove_cluster(owner.it.api.cluster_ids().front());
    CHECK(owner.status("GET", "/version") == 401);
}

TEST_CASE("a credential is good until exactly its expiry")
{
    sim::instant now{std::chrono::seconds(1'700'000'000)};
    sim::accounts all({}, now);
    sim::issuer issuer(now);
    sim::kube_api api(all, issuer);
    const auto& cluster = *all.account("").clusters().front();
    auto made = issuer.mint(cluster, {}, 60s, now);
    sim::http_request request;
    request.method = "GET";
    request.segments = {"clusters", cluster.spec.id, "version"};
    request.headers = {{"authorization", "Bearer " + made.token}};
    CHECK(api.respond(request, "", now + 60s - 1ns).status == 200);
    CHECK(api.respond(request, "", now + 60s).status == 401);
    auto unset = issuer.mint(cluster, {}, std::nullopt, now);
    CHECK(unset.expires == now + 24h * 7);
}

TEST_CASE("an expired token is refused over the wire")
{
    visitor owner(role::owner);
    owner.token = yaml_value(owner.it.get(owner.it.kubeconfig() + "?expiry_seconds=1").body, "token");
    CHECK(owner.status("GET", "/version") == 200);
    auto until = std::chrono::steady_clock::now() + 5s;
    while (owner.status("GET", "/version") == 200 && std::chrono::steady_clock::now() < until) {
    }
    CHECK(owner.status("GET", "/version") == 401);
}

TEST_CASE("the client certificate of an old cluster is accepted, and no other one")
{
    simulated it;
    std::string old = it.api.set_cluster({.form = sim::credential_form::certificate});
    response config = it.get(it.path_of(old, "kubeconfig"));
    std::string ca = from_base64(yaml_value(config.body, "certificate-authority-data"));
    client_identity self{from_base64(yaml_value(config.body, "client-certificate-data")),
        from_base64(yaml_value(config.body, "client-key-data"))};
    https_client known(it.api.kube_url(), ca, 3s, self);
    CHECK(known.get("/clusters/" + old + "/api/v1/namespaces", "").status == 200);
    CHECK(text(json_in(known.get("/clusters/" + old + "/version", "")).at("gitVersion")) == "v1.12.10");
    CHECK(known.get("/clusters/" + it.api.cluster_ids().front() + "/version", "").status == 401);

    sim::instant now = std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
    sim::authority stranger("stranger", now);
    sim::certificate_with_key forged = stranger.issue_client("token@doks-sim.example", "doks-sim:users", now, now + 1h);
    https_client unknown(it.api.kube_url(), ca, 3s, client_identity{forged.certificate_pem(), forged.key_pem()});
    CHECK(unknown.get("/clusters/" + old + "/version", "").status == 401);
}

TEST_CASE("discovery names the groups and resources that kubectl asks for")
{
    visitor owner(role::owner);
    CHECK(json_in(owner.ask("GET", "/api")).at("versions").as_array()[0] == "v1");
    CHECK(json_in(owner.ask("GET", "/apis")).at("groups").as_array().size() == 3);
    CHECK(text(json_in(owner.ask("GET", "/apis/apps")).at("kind")) == "APIGroup");
    auto resources = json_in(owner.ask("GET", "/api/v1")).at("resources").as_array();
    CHECK(resources.size() == 8);
    CHECK(owner.status("GET", "/apis/apps/v1") == 200);
    CHECK(owner.status("GET", "/apis/batch/v1") == 404);
    CHECK(owner.status("GET", "/openapi/v2") == 404);
    CHECK(owner.ask("GET", "/healthz").body == "ok");
    auto services = json_in(owner.ask(
        "GET", "/api/v1/namespaces/kube-system/services?labelSelector=kubernetes.io%2Fcluster-service%3Dtrue"));
    CHECK(services.at("items").as_array().size() == 1);
}

TEST_CASE("a body in Kubernetes' protobuf form is read, a broken one is refused")
{
    constexpr std::string_view type = "application/vnd.kubernetes.protobuf";
    auto field = [](char number, std::string_view bytes) {
        return std::string(1, static_cast<char>(number << 3 | 2)) + static_cast<char>(bytes.size()) +
               std::string(bytes);
    };
    std::string asked = field(1, "default") + field(2, "delete") + field(3, "apps") + field(5, "pods") + field(7, "a");
    std::string a_number = "\x10\x05",
                four_bytes = "\x1d"
                             "1234",
                eight_bytes = "\x21"
                              "12345678";
    std::string review = a_number + field(2, field(1, asked) + four_bytes) + eight_bytes;
    std::string kind = field(1, field(1, "authorization.k8s.io/v1") + field(2, "SelfSubjectAccessReview"));
    std::string body = std::string("k8s\0", 4) + kind + field(2, review);
    auto read = sim::parse_access_review(body, type);
    REQUIRE(read);
    CHECK(read->scope == "default");
    CHECK(read->verb == "delete");
    CHECK(read->group == "apps");
    CHECK(read->resource == "pods");
    CHECK(read->name == "a");
    for (std::size_t size = 0; size < body.size(); ++size)
        CHECK_FALSE(sim::parse_access_review(std::string_view(body).substr(0, size), type).has_value());
    for (const char* json : {"[]", "{}", "{", R"({"spec":[]})", R"({"spec":{"resourceAttributes":1}})"})
        CHECK_FALSE(sim::parse_access_review(json, "application/json").has_value());
}
