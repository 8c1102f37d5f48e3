#include "watched.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>

// What a watch does about clusters that come and go.

using namespace cli_test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

TEST_CASE("a cluster that vanishes is reported and its file removed; one that comes is taken up at SIGHUP")
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
    keeps.send(SIGHUP); // the answer, without that cluster, is still on its way
    keeps.wait_for_out(fresh);
    keeps.send(SIGTERM);
    CHECK(keeps.wait(10s).status == 0);
}
