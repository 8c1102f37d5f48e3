#include "kubectl_home.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <set>

// `doks kubeconfig save` on files that are locked, broken, large, or written by many at once.

using namespace cli_test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

TEST_CASE("nothing is minted for a file that cannot be merged into")
{
    account team;
    const auto before = minted(team);
    SUBCASE("no YAML") { write_config(team, "a: [b\n"); }
    SUBCASE("another kind") { write_config(team, "apiVersion: v1\nkind: Secret\n"); }
    SUBCASE("a directory") { fs::create_directories(kube_config(team)); }
    SUBCASE("a name that no cluster has")
    {
        const auto done = on_file(team, "save", {"cluster-1", "cluster-99"});
        CHECK(done.status == 1);
        CHECK(count_of(done.err, "cluster 'cluster-99'") == 1);
        CHECK(minted(team) == before);
        CHECK_FALSE(fs::exists(kube_config(team)));
        return;
    }
    const auto done = on_file(team, "save", {"cluster-1"});
    CHECK(done.status == 1);
    CHECK(done.out.empty());
    CHECK(count_of(done.err, kube_config(team).string()) >= 1);
    CHECK(minted(team) == before);
}

TEST_CASE("a lock that stays is named with its age, and nothing is changed")
{
    account team;
    write_config(team, somebodys);
    const auto lock = team.write(".kube/config.lock", "");
    const auto done = on_file(team, "save", {"cluster-1", "--timeout", "300ms"});
    CHECK(done.status == 1);
    CHECK(count_of(done.err, lock) >= 1);
    CHECK(count_of(done.err, "old") >= 1);
    CHECK(fs::exists(lock));
    CHECK(text_of(kube_config(team)) == somebodys);
}

TEST_CASE("a signal does not end save within its write")
{
    account team;
    write_config(team, somebodys);
    const fs::path lock = team.write(".kube/config.lock", "");
    child saving(team.command({"kubeconfig", "save", "--all"}));
    saving.wait_for_err("3 of 3 done");
    saving.send(SIGTERM);
    saving.wait_for_err("stopping once the kubeconfig is written");
    fs::remove(lock);
    const auto done = saving.wait(10s);
    INFO(done.err);
    CHECK(contexts_of(team).size() == 4);
    CHECK_FALSE(fs::exists(lock));
}

TEST_CASE("eight at a time save a hundred clusters, and a hundred are there")
{
    account team(unlimited(100));
    std::vector<std::unique_ptr<child>> running;
    for (const auto& id : team.api.cluster_ids()) {
        if (running.size() == 8) {
            CHECK(running.front()->wait().status == 0);
            running.erase(running.begin());
        }
        running.push_back(std::make_unique<child>(team.command({"kubeconfig", "save", id})));
    }
    for (const auto& each : running) CHECK(each->wait().status == 0);
    std::set<std::string> saved;
    for (const auto& each : entries_of(team)) saved.insert(each.cluster_id);
    CHECK(saved.size() == 100);
}

TEST_CASE("a thousand clusters are one write")
{
    account team(unlimited(1000));
    const auto done = on_file(team, "save", {"--all"});
    CHECK(done.status == 0);
    CHECK(entries_of(team).size() == 1000);
    const auto of_fetch = run(team.fetch()).took;
    MESSAGE("saved in ", std::chrono::duration<double>(done.took).count(), " s, fetched into files in ",
        std::chrono::duration<double>(of_fetch).count(), " s");
    CHECK(count_of(done.err, "1000 added") == 1);
}
