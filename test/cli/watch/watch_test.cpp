#include "cli/watch/watched.hpp"
#include "support/long_form.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <utility>

// `kubeconfig watch` in a process of its own against the simulator, while readers open its files all the time.

using namespace cli_test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

TEST_CASE("a watch keeps 200 files fresh: readers never see one that is torn, missing or expired")
{
    account team(unlimited(200));
    const auto ids = team.api.cluster_ids();
    const bool whole_day = doks::test::is_long(); // a three-hundredth of one, and of ten minutes
    child keeps(watch(team, {"--all", "--expiry", whole_day ? "2s" : "6s", "--rate-limit", "off"}));
    keeps.wait_for_err("fresh: 200 clusters kept");
    const auto begin = std::chrono::steady_clock::now();
    readers all(team, ids);
    std::this_thread::sleep_for(whole_day ? 288s : 20s);
    const auto before = team.api.counts().minted;
    all.stop();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    keeps.send(SIGTERM);
    const auto ended = keeps.wait(10s);
    MESSAGE(all.opened, " files opened in ", took.count(), " s: ", all.torn, " torn, ", all.missing, " missing, ",
        all.expired, " expired; ", before, " minted");
    CHECK(ended.status == 0);
    CHECK(all.opened > 1000);
    CHECK(all.torn == 0);
    CHECK(all.missing == 0);
    CHECK(all.expired == 0);
    CHECK(static_cast<double>(before) <= 200 * (2 + took.count() / (whole_day ? 1.6 : 4.8)));
    CHECK(stored_ids(team.out()).size() == 200);
    CHECK(stray_files(team.out()).empty());
}

TEST_CASE(
    "a watch that is stopped under load ends within its bound, and the next one mints only the missing credentials")
{
    auto how = unlimited(150);
    how.latency = {20ms, 60ms};
    account team(how);
    std::optional<child> first;
    first.emplace(watch(team, {"--all", "--expiry", "1h", "--rate-limit", "off", "--connections", "8"}));
    CHECK(comes_true([&] { return team.api.counts().minted >= 40; }));
    const auto asked = std::chrono::steady_clock::now();
    first->send(SIGTERM);
    const auto ended = first->wait(10s);
    const std::chrono::duration<double> bound = std::chrono::steady_clock::now() - asked;
    CHECK(ended.status == 1); // most clusters had no credential yet
    CHECK(bound < 6s);
    const auto minted = team.api.counts().minted;
    CHECK(stored_ids(team.out()).size() == minted);
    CHECK(stray_files(team.out()).empty());
    child second(watch(team, {"--all", "--expiry", "1h", "--rate-limit", "off"}));
    second.wait_for_err("fresh: 150 clusters kept");
    second.send(SIGTERM);
    CHECK(second.wait(10s).status == 0);
    MESSAGE("stopped after ", minted, " of 150 within ", bound.count(), " s; the next one minted ",
        team.api.counts().minted - minted);
    CHECK(team.api.counts().minted == 150);
    CHECK(stored_ids(team.out()).size() == 150);
}

TEST_CASE("a service manager is told when it is ready, that the ids were read again, and that it stops")
{
    account team;
    const auto ids = team.api.cluster_ids();
    const auto list = team.write("ids", ids[0] + "\n");
    manager systemd(team.path("notify"));
    auto how = watch(team, {"--ids", list});
    how.environment["NOTIFY_SOCKET"] = team.path("notify").string();
    how.environment["WATCHDOG_USEC"] = "200000";
    child keeps(how);
    systemd.wait_for("READY=1\nSTATUS=1 clusters kept, 1 credentials valid, 0 failing, 1 minted");
    systemd.wait_for("WATCHDOG=1");
    team.write("ids", ids[0] + "\n" + ids[1] + "\n");
    keeps.send(SIGHUP);
    systemd.wait_for("RELOADING=1\nMONOTONIC_USEC=");
    systemd.wait_for("READY=1\nSTATUS=2 clusters kept");
    CHECK(fs::exists(team.out() / (ids[1] + ".yaml")));
    team.write("ids", "../x\n");
    keeps.send(SIGHUP);
    keeps.wait_for_err("the ids stay as they were");
    keeps.send(SIGTERM);
    systemd.wait_for("STOPPING=1");
    const auto ended = keeps.wait(10s);
    CHECK(ended.status == 0);
    const auto report = report_of(ended.out);
    CHECK(report.size() == 2);
    CHECK(count_outcomes(report, "renewed") == 2);
    CHECK(ended.out.find(team.api.token()) == std::string::npos);
    CHECK(systemd.heard().find(team.api.token()) == std::string::npos);
}

TEST_CASE("what cannot be watched is said at once")
{
    account team;
    CHECK(run(watch(team, {})).status == 2);
    CHECK(run(watch(team, {"--all", "--ids", "x"})).status == 2);
    CHECK(run(watch(team, {"--ids", team.path("none").string()})).status == 2);
    team.write("file", "x");
    const auto refused = run(team.command({"kubeconfig", "watch", "--all", "--out", team.path("file").string()}));
    CHECK(refused.status == 1);
    CHECK(refused.err.find("is a file") != std::string::npos);
}

TEST_CASE("a cluster that is listed and not selected any more is not kept, and its file left")
{
    account team;
    auto moved = team.api.cluster(team.api.cluster_ids().front());
    child keeps(watch(team, {"--all", "--region", std::exchange(moved.region, "elsewhere"), "--expiry", "7d"}));
    keeps.wait_for_err("fresh: 1 clusters kept");
    team.api.set_cluster(moved);
    keeps.send(SIGHUP);
    keeps.wait_for_err("fresh: 0 clusters kept");
    CHECK(fs::exists(team.out() / (moved.id + ".yaml")));
    keeps.send(SIGTERM);
    CHECK(keeps.wait(10s).out.find("gone") == std::string::npos);
}

TEST_CASE("an id that goes and comes back is ready at once")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto list = team.write("ids", id + "\n");
    child keeps(watch(team, {"--ids", list, "--expiry", "7d"}));
    keeps.wait_for_err("fresh: 1 clusters kept");
    for (const auto& [text, said] :
        {std::pair(std::string("# none\n"), "read again: 0"), std::pair(id + "\n", "read again: 1")}) {
        team.write("ids", text);
        keeps.send(SIGHUP);
        keeps.wait_for_err(said);
    }
    CHECK(comes_true([&] { return count_of(keeps.err(), "fresh: 1 clusters kept") == 2; }));
    keeps.send(SIGTERM);
    CHECK(keeps.wait(10s).status == 0);
    CHECK(team.api.counts().minted == 1);
}
