#include "cli/kubectl/kubectl_home.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <set>
#include <thread>

// `doks kubeconfig save` on files that are locked, broken, large, or written by many at once.

using namespace cli_test;
using namespace std::chrono_literals;
using strings = std::vector<std::string>;
namespace fs = std::filesystem;

namespace {

strings names_in(const fs::path& directory)
{
    strings names;
    for (const auto& each : fs::directory_iterator(directory)) names.push_back(each.path().filename());
    return names;
}

}

TEST_CASE("nothing is minted for a file that cannot be merged into")
{
    account team;
    const auto before = minted(team);
    SUBCASE("no YAML") { write_config(team, "a: [b\n"); }
    SUBCASE("another kind") { write_config(team, "apiVersion: v1\nkind: Secret\n"); }
    SUBCASE("a directory") { fs::create_directories(kube_config(team)); }
    SUBCASE("a lock that stays")
    {
        write_config(team, foreign_config);
        team.write(".kube/config.lock", "");
    }
    SUBCASE("a name that no cluster has")
    {
        const auto done = on_file(team, "save", {"cluster-1", "cluster-99"});
        CHECK(done.status == 1);
        CHECK(count_of(done.err, "cluster 'cluster-99'") == 1);
        CHECK(minted(team) == before);
        CHECK_FALSE(fs::exists(kube_config(team)));
        return;
    }
    const auto done = on_file(team, "save", {"cluster-1", "--timeout", "1s"});
    CHECK(done.status == 1);
    CHECK(done.out.empty());
    CHECK(count_of(done.err, team.path(".kube").string()) >= 1);
    CHECK(minted(team) == before);
}

TEST_CASE("a directory that others write to is named, and the file is private")
{
    account team;
    write_config(team, foreign_config);
    fs::permissions(team.path(".kube"), fs::perms(0775));
    const auto done = on_file(team, "save", {"cluster-1"});
    CHECK(done.status == 0);
    CHECK(count_of(done.err, team.path(".kube").string() + " is writable for others") == 1);
}

TEST_CASE("a lock that stays is named with its time, and nothing is changed")
{
    account team;
    write_config(team, foreign_config);
    const auto lock = team.write(".kube/config.lock", "");
    const auto done = on_file(team, "save", {"cluster-1", "--timeout", "300ms"});
    CHECK(done.status == 1);
    CHECK(count_of(done.err, lock) >= 1);
    CHECK(count_of(done.err, " has been there since 20") == 1);
    CHECK(fs::exists(lock));
    CHECK(content(kube_config(team)) == foreign_config);
}

TEST_CASE("a signal ends the wait for a lock, and nothing was minted or changed")
{
    account team;
    write_config(team, foreign_config);
    const fs::path lock = team.write(".kube/config.lock", "");
    const auto before = minted(team);
    child saving(team.command({"kubeconfig", "save", "--all"}));
    std::this_thread::sleep_for(500ms);
    saving.send(SIGTERM);
    const auto done = saving.wait(5s);
    CHECK(done.status == 1);
    CHECK(count_of(done.err, "a signal came while its lock was waited for") == 1);
    CHECK(fs::exists(lock));
    CHECK(content(kube_config(team)) == foreign_config);
    CHECK(minted(team) == before);
}

TEST_CASE("a file that is being written in place is waited for, as its lock asks")
{
    account team;
    const fs::path lock = (write_config(team, "clusters:\n- name: hal"), team.write(".kube/config.lock", ""));
    child saving(team.command({"kubeconfig", "save", "cluster-1"}));
    std::this_thread::sleep_for(500ms);
    write_config(team, foreign_config);
    fs::remove(lock);
    const auto done = saving.wait(10s);
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(contexts_of(team).size() == 2);
}

TEST_CASE("after a signal at any moment neither lock nor half a file stays")
{
    account team;
    write_config(team, foreign_config);
    REQUIRE(on_file(team, "save", {"--all"}).status == 0);
    const auto full = content(kube_config(team)).size();
    for (const int signal : {SIGINT, SIGTERM, SIGHUP})
        for (auto after = 0ms; after < 60ms; after += 3ms) {
            CAPTURE(signal);
            CAPTURE(after.count());
            child removing(removal_of(team, {"cluster-1"}));
            std::this_thread::sleep_for(after);
            removing.send(signal);
            removing.wait(10s);
            CHECK(names_in(team.path(".kube")) == strings{"config"});
            const auto now = contexts_of(team).size();
            CHECK((now == 3 || now == 4));
            if (now == 3) REQUIRE(on_file(team, "save", {"cluster-1"}).status == 0);
        }
    CHECK(content(kube_config(team)).size() == full);
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
