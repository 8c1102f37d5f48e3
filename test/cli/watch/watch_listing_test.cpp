#include "cli/watch/watched.hpp"
#include "support/long_form.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

// What a watch does about clusters that come and go.

using namespace cli_test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// How many requests began with this path, those for kubeconfigs left out.
std::size_t requests_for(const account& team, const std::string& prefix)
{
    std::size_t count = 0;
    for (const auto& each : team.api.journal())
        count += each.path.starts_with(prefix) && !each.path.ends_with("config");
    return count;
}

}

TEST_CASE("a cluster that vanishes is reported and its file removed; a new one is kept from SIGHUP on")
{
    account team(unlimited(2));
    const auto ids = team.api.cluster_ids();
    child keeps(watch(team, {"--all", "--expiry", "5s", "--rate-limit", "off"}));
    keeps.wait_for_err("fresh: 2 clusters kept");
    team.api.remove_cluster(ids[0]);
    keeps.wait_for_out("\"gone\"");
    CHECK(comes_true([&] { return !fs::exists(team.out() / (ids[0] + ".yaml")); }));
    CHECK(fs::exists(team.out() / (ids[1] + ".yaml")));
    const auto fresh = team.api.set_cluster({});
    keeps.send(SIGHUP);
    keeps.wait_for_out(fresh);
    CHECK(comes_true([&] { return fs::exists(team.out() / (fresh + ".yaml")); }));
    keeps.send(SIGINT);
    CHECK(keeps.wait(10s).status == 0);
}

TEST_CASE("a SIGHUP that comes while the clusters are being listed has them listed once more")
{
    auto how = unlimited(1);
    how.latency = {400ms, 400ms};
    account team(how);
    child keeps(watch(team, {"--all", "--expiry", "1h"}));
    keeps.wait_for_err("fresh: 1 clusters kept");
    const auto listings = [&] {
        std::size_t count = 0;
        for (const auto& each : team.api.journal()) count += each.path.starts_with("/v2/kubernetes/clusters?");
        return count;
    };
    const auto before = listings();
    keeps.send(SIGHUP);
    CHECK(comes_true([&] { return listings() > before; }));
    const auto fresh = team.api.set_cluster({});
    keeps.send(SIGHUP); // the response, without that cluster, is still on its way
    keeps.wait_for_out(fresh);
    keeps.send(SIGTERM);
    CHECK(keeps.wait(10s).status == 0);
}

TEST_CASE("a cluster that one listing lacks is asked for, and keeps its file until a later look finds it gone as well")
{
    account team(unlimited(3));
    const auto ids = team.api.cluster_ids();
    child keeps(watch(team, {"--all", "--expiry", "1h"}));
    keeps.wait_for_err("fresh: 3 clusters kept");
    team.api.remove_cluster(ids[0]);
    const auto asked = [&] { return requests_for(team, "/v2/kubernetes/clusters/" + ids[0]); };
    for (std::size_t looks = 1; looks <= 3; ++looks) {
        keeps.send(SIGHUP);
        CHECK(comes_true([&] { return asked() >= looks; }));
    }
    CHECK(fs::exists(file_of(team, ids[0])));
    if (doks::test::is_long()) {
        std::this_thread::sleep_for(31s);
        keeps.send(SIGHUP);
        keeps.wait_for_out("\"gone\"");
        CHECK(comes_true([&] { return !fs::exists(file_of(team, ids[0])); }));
    }
    keeps.send(SIGTERM);
    CHECK(keeps.wait(10s).status == 0);
    CHECK(fs::exists(file_of(team, ids[1])));
}

TEST_CASE("another team's listing removes nothing and adds nothing to what a watch keeps")
{
    account team(unlimited(3));
    const auto ids = team.api.cluster_ids();
    child keeps(watch(team, {"--all", "--expiry", "1h"}));
    keeps.wait_for_err("fresh: 3 clusters kept");
    const auto listing =
        R"({"kubernetes_clusters":[{"id":"00000000-0000-4000-8000-000000000001"}],"meta":{"total":1}})";
    team.api.script(answer_with(listing), "/v2/kubernetes/clusters?");
    keeps.send(SIGHUP);
    keeps.wait_for_err("none of the 3 clusters whose files are there");
    team.api.script(answer_with(R"({"kubernetes_clusters":[],"meta":{"total":0}})"), "/v2/kubernetes/clusters?");
    const auto before = requests_for(team, "/v2/kubernetes/clusters?");
    keeps.send(SIGHUP);
    CHECK(comes_true([&] { return requests_for(team, "/v2/kubernetes/clusters?") > before; }));
    keeps.send(SIGTERM);
    CHECK(keeps.wait(10s).status == 0);
    CHECK(stored_ids(team.out()).size() == 3);
    CHECK(team.api.counts().minted == 3);
}

TEST_CASE("the first listing of a watch is held against the files of an earlier run")
{
    const auto nothing = answer_with(R"({"kubernetes_clusters":[],"meta":{"total":0}})");
    const auto foreign =
        answer_with(R"({"kubernetes_clusters":[{"id":"00000000-0000-4000-8000-000000000001"}],"meta":{"total":1}})");
    for (const auto& listing : {nothing, foreign}) {
        account team(unlimited(3));
        REQUIRE(run(team.fetch({"--expiry", "1h"})).status == 0);
        team.api.script(listing, "/v2/kubernetes/clusters?");
        child keeps(watch(team, {"--all", "--expiry", "1h"}));
        keeps.wait_for_err("fresh: 3 clusters kept, 3 credentials valid");
        keeps.send(SIGTERM);
        CHECK(keeps.wait(10s).status == 0);
        CHECK(count_of(keeps.err(), "none of the 3 clusters whose files are there") == 1);
        CHECK(count_of(keeps.out(), "deselected") == 0);
        CHECK(stored_ids(team.out()).size() == 3);
        CHECK(team.api.counts().minted == 3);
    }
}

TEST_CASE("what leaves the ids is said, no longer renewed, and its file removed once its credential has expired")
{
    account team(unlimited(2));
    const auto ids = team.api.cluster_ids();
    team.write("ids", ids[0] + "\n" + ids[1] + "\n");
    child keeps(watch(team, {"--ids", team.path("ids").string(), "--expiry", "5s"}));
    keeps.wait_for_err("fresh: 2 clusters kept");
    team.write("ids", ids[1] + "\n");
    keeps.send(SIGHUP);
    keeps.wait_for_out("\"id\":\"" + ids[0] + "\",\"outcome\":\"deselected\"");
    CHECK(fs::exists(file_of(team, ids[0])));
    keeps.wait_for_out("\"id\":\"" + ids[0] + "\",\"outcome\":\"expired\"");
    CHECK_FALSE(fs::exists(file_of(team, ids[0])));
    CHECK(fs::exists(file_of(team, ids[1])));
    keeps.send(SIGTERM);
    CHECK(keeps.wait(10s).status == 0);
    CHECK(count_of(keeps.out(), "deselected") == 1);
}

TEST_CASE("what leaves the selected region or tag is said and let expire")
{
    account team(unlimited(0));
    doks::sim::cluster_spec spec;
    spec.region = "ams3";
    spec.tags = {"prod"};
    const auto stays = team.api.set_cluster(spec);
    const auto leaves = team.api.set_cluster(spec);
    child keeps(watch(team, {"--all", "--tag", "prod", "--expiry", "4s"}));
    keeps.wait_for_err("fresh: 2 clusters kept");
    spec = team.api.cluster(leaves);
    spec.tags = {"test"};
    team.api.set_cluster(spec);
    keeps.send(SIGHUP);
    keeps.wait_for_out("\"id\":\"" + leaves + "\",\"outcome\":\"deselected\"");
    keeps.wait_for_out("\"id\":\"" + leaves + "\",\"outcome\":\"expired\"");
    CHECK(stored_ids(team.out()) == std::vector<std::string>{stays});
    keeps.send(SIGTERM);
    CHECK(keeps.wait(10s).status == 0);
}

TEST_CASE("files that an earlier run with another selection left are let expire, and foreign ones stay")
{
    account team(unlimited(3));
    const auto ids = team.api.cluster_ids();
    REQUIRE(run(team.fetch({"--expiry", "4s"})).status == 0);
    team.write("out/foreign.yaml", "kind: Config\n");
    child keeps(watch(team, {"--ids", team.write("ids", ids[0] + "\n"), "--expiry", "1h"}));
    keeps.wait_for_out("\"id\":\"" + ids[1] + "\",\"outcome\":\"deselected\"");
    keeps.wait_for_out("\"id\":\"" + ids[1] + "\",\"outcome\":\"expired\"");
    keeps.wait_for_out("\"id\":\"" + ids[2] + "\",\"outcome\":\"expired\"");
    CHECK(fs::exists(file_of(team, ids[0])));
    CHECK_FALSE(fs::exists(file_of(team, ids[1])));
    CHECK(fs::exists(team.path("out/foreign.yaml")));
    keeps.send(SIGTERM);
    CHECK(keeps.wait(10s).status == 0);
}

TEST_CASE("a cluster that is kept and listed stays kept, whatever earlier listings lacked")
{
    account team(unlimited(3));
    const auto ids = team.api.cluster_ids();
    const auto one = [&](std::size_t at) {
        return R"({"id":")" + ids[at] + R"(","region":"nyc1","status":{"state":"running"}})";
    };
    child keeps(watch(team, {"--all", "--expiry", "1h"}));
    keeps.wait_for_err("fresh: 3 clusters kept, 3 credentials valid, 0 failing");
    const auto list_again = [&](const std::string& clusters, const std::string& total) {
        const auto before = count_of(keeps.err(), "fresh:");
        team.api.script(answer_with(R"({"kubernetes_clusters":[)" + clusters + R"(],"meta":{"total":)" + total + "}}"),
            "/v2/kubernetes/clusters?");
        keeps.send(SIGHUP);
        CHECK(comes_true([&] { return count_of(keeps.err(), "fresh:") > before; }));
    };
    list_again(one(0), "1");
    list_again(one(1) + "," + one(2), "2");
    CHECK(count_of(keeps.err(), "fresh: 3 clusters kept, 3 credentials valid, 0 failing") == 3);
    keeps.send(SIGTERM);
    CHECK(keeps.wait(10s).status == 0);
    CHECK(count_of(keeps.out(), "deselected") == 0);
    CHECK(stored_ids(team.out()).size() == 3);
}

TEST_CASE("clusters that every listing lacks are reported as gone, also where they are most of them")
{
    account team(unlimited(3));
    const auto ids = team.api.cluster_ids();
    child keeps(watch(team, {"--all", "--expiry", "5s", "--rate-limit", "off"}));
    keeps.wait_for_err("fresh: 3 clusters kept");
    team.api.remove_cluster(ids[0]);
    team.api.remove_cluster(ids[1]);
    const bool all_gone = comes_true([&] {
        keeps.send(SIGHUP);
        std::this_thread::sleep_for(500ms);
        return count_of(keeps.out(), "\"gone\"") == 2;
    });
    CHECK(all_gone);
    CHECK(comes_true([&] { return stored_ids(team.out()) == std::vector<std::string>{ids[2]}; }));
    keeps.send(SIGTERM);
    CHECK(keeps.wait(10s).status == 0);
}

TEST_CASE("whether the API takes the token is asked by an id that is kept, also after a reload")
{
    account team(unlimited(2));
    const auto ids = team.api.cluster_ids();
    doks::sim::fault broken;
    broken.kind = doks::sim::fault_kind::status;
    broken.status = 500;
    team.api.script(broken, "/v2/kubernetes/clusters/" + ids[0], 1000);
    team.write("ids", ids[0] + "\n");
    child keeps(watch(team, {"--ids", team.path("ids").string(), "--expiry", "1h", "--attempts", "1"}));
    keeps.wait_for_err("500");
    const auto asked = [&](std::size_t at) {
        std::size_t count = 0;
        for (const auto& each : team.api.journal()) count += each.path == "/v2/kubernetes/clusters/" + ids[at];
        return count;
    };
    CHECK(comes_true([&] { return asked(0) >= 1; }));
    team.write("ids", ids[1] + "\n");
    keeps.send(SIGHUP);
    keeps.wait_for_err("fresh: 1 clusters kept, 1 credentials valid");
    CHECK(asked(1) == 1);
    CHECK(asked(0) < 3);
    keeps.send(SIGTERM);
    CHECK(keeps.wait(10s).status == 0);
}
