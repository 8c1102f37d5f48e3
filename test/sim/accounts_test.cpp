#include "sim/simulated.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

// The simulator's accounts over HTTPS: what each has of its own.

using namespace sim_test;

namespace {

constexpr std::string_view list_path = "/v2/kubernetes/clusters";

/** An account without a name, and the accounts blue and green. */
sim::options three_accounts()
{
    sim::options how;
    how.clusters = 1;
    how.more_accounts = {{"blue", 2, {}}, {"green", 0, {}}};
    return how;
}

/// The ids on the list that this token sees.
std::vector<std::string> listed_ids(const simulated& it, const std::string& token)
{
    std::vector<std::string> ids;
    auto listed = json_in(it.get(list_path, token));
    for (const auto& each : listed.at("kubernetes_clusters").as_array()) ids.push_back(text(each.at("id")));
    return ids;
}

}

TEST_CASE("each account lists its own clusters, and another account's are not found")
{
    simulated it(three_accounts());
    CHECK(listed_ids(it, it.api.token()) == it.api.cluster_ids());
    CHECK(listed_ids(it, it.api.token("blue")) == it.api.cluster_ids("blue"));
    CHECK(it.api.cluster_ids("blue").size() == 2);
    CHECK(listed_ids(it, it.api.token("green")).empty());
    for (const std::string& id : it.api.cluster_ids("blue"))
        for (const char* part : {"", "kubeconfig", "credentials", "user"}) {
            CHECK(it.get(it.path_of(id, part), it.api.token("blue")).status == 200);
            CHECK(it.get(it.path_of(id, part), it.api.token()).status == 404);
        }
    CHECK(it.api.counts().minted == 4);
}

TEST_CASE("a kubeconfig of any account is good for its cluster")
{
    simulated it(three_accounts());
    std::string id = it.api.cluster_ids("blue").front();
    response config = it.get(it.path_of(id, "kubeconfig"), it.api.token("blue"));
    https_client client(it.api.kube_url(), from_base64(yaml_value(config.body, "certificate-authority-data")));
    auto token = yaml_value(config.body, "token");
    CHECK(client.get("/clusters/" + id + "/version", token).status == 200);
    CHECK(client.get("/clusters/" + it.api.cluster_ids().front() + "/version", token).status == 401);
    CHECK(it.api.cluster_of(token) == id);
    it.api.remove_cluster(id);
    CHECK(it.api.cluster_ids("blue").size() == 1);
    CHECK(it.api.cluster_of(token).empty());
}

TEST_CASE("each account has a quota of its own, and so has each of its tokens")
{
    auto how = three_accounts();
    how.limit.per_minute = 2;
    simulated it(how);
    it.api.add_token({.label = "second"}, "blue");
    for (const std::string& token : {it.api.token(), it.api.token("blue"), it.api.token("second")}) {
        CHECK(it.get(list_path, token).status == 200);
        CHECK(it.get(list_path, token).status == 200);
        CHECK(it.get(list_path, token).status == 429);
    }
    CHECK(listed_ids(it, it.api.token("green")).empty());
}

TEST_CASE("clusters and tokens are added to the account that is named")
{
    simulated it(three_accounts());
    std::string id = it.api.set_cluster({.name = "late"}, "green");
    CHECK(it.api.cluster_ids("green") == std::vector<std::string>{id});
    CHECK(it.api.cluster(id).name == "late");
    it.api.set_cluster({.id = id, .name = "later"}, "green");
    CHECK(it.api.cluster(id).name == "later");
    std::string token = it.api.add_token({.label = "visitor"}, "green");
    CHECK(listed_ids(it, token) == it.api.cluster_ids("green"));
    it.api.revoke_token(token);
    CHECK(it.get(list_path, token).status == 401);
    CHECK(it.get(list_path, it.api.token("green")).status == 200);
}

TEST_CASE("an unknown account, and what two accounts cannot share, is refused by name")
{
    simulated it(three_accounts());
    CHECK_THROWS_AS(it.api.cluster_ids("red"), std::out_of_range);
    CHECK_THROWS_AS(it.api.add_token({}, "red"), std::out_of_range);
    CHECK_THROWS_AS(it.api.set_cluster({}, "red"), std::out_of_range);
    CHECK_THROWS_AS(it.api.add_token({.label = "blue"}), std::invalid_argument);
    CHECK_THROWS_AS(it.api.set_cluster({.id = it.api.cluster_ids().front()}, "blue"), std::invalid_argument);
    sim::options how;
    how.more_accounts = {{"blue", 1, {}}, {"blue", 1, {}}};
    CHECK_THROWS_AS(sim::simulator{how}, std::invalid_argument);
    for (const char* name : {"", "a b", "a\"b"}) {
        how.more_accounts = {{name, 1, {}}};
        CHECK_THROWS_AS(sim::simulator{how}, std::invalid_argument);
    }
}
