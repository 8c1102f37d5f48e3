#include "cli/kubectl/kubectl_home.hpp"

#include <doctest/doctest.h>

// `doks kubeconfig save` and `remove` beside entries of the user's own.

using namespace cli_test;
using strings = std::vector<std::string>;

namespace {

/// The user's own way to the first cluster, and another provider's context by that cluster's name.
std::string own_config(const account& team)
{
    REQUIRE(on_file(team, "save", {"cluster-1"}).status == 0);
    const auto server = entries_of(team).front().server;
    std::filesystem::remove(kube_config(team));
    return "clusters:\n- name: staging\n  cluster: {server: \"" + server +
           "\"}\n- name: eks\n  cluster: {server: \"https://eks.example.test\"}\n"
           "contexts:\n- name: readonly\n  context: {cluster: staging, user: viewer}\n"
           "- name: cluster-1\n  context: {cluster: eks, user: eks}\n"
           "users:\n- name: viewer\n  user: {token: own-token}\n- name: eks\n  user: {token: foreign-token}\n";
}

}

TEST_CASE("save adds an entry beside the user's own, says so, and leaves the user's credential as it is")
{
    account team;
    const auto own = own_config(team);
    for (const strings& more :
        {strings{"cluster-1"}, strings{"cluster-1", "--exec"}, strings{"cluster-1", "--alias", "mine"},
            strings{"cluster-1", "--collision", "refuse"}, strings{"--all"}}) {
        CAPTURE(more.back());
        write_config(team, own);
        const auto done = on_file(team, "save", more);
        INFO(done.err);
        CHECK(done.status == 0);
        CHECK(count_of(done.out, "added") == (more.front() == "--all" ? 3 : 1));
        CHECK(count_of(done.out, "updated") == 0);
        for (const auto line : {"user: viewer}\n", "  user: {token: own-token}\n", "  user: {token: foreign-token}\n"})
            CHECK(count_of(content(kube_config(team)), line) == 1);
        CHECK(on_file(team, "save", more).status == 0);
        const auto gone = remove(team, team.api.cluster_ids());
        CHECK(count_of(gone.err, "the context 'readonly' stays, for its credential is not one that doks saved") == 1);
        CHECK(content(kube_config(team)) == own);
    }
}

TEST_CASE("remove takes neither where a word is a context of another provider and a cluster that was saved")
{
    account team;
    write_config(team, own_config(team));
    REQUIRE(on_file(team, "save", {"cluster-1"}).status == 0);
    const auto before = content(kube_config(team));
    const auto several = remove(team, {"cluster-1"});
    CHECK(several.status == 1);
    CHECK(several.out.empty());
    CHECK(count_of(several.err, "the context `cluster-1` of https://eks.example.test in ") == 1);
    CHECK(count_of(several.err, "the context `do-nyc1-cluster-1` of https://") == 1);
    CHECK(count_of(several.err, "name another of these contexts, or the cluster's id") == 1);
    CHECK(content(kube_config(team)) == before);
    CHECK(remove(team, {"do-nyc1-cluster-1"}).out == "do-nyc1-cluster-1\n");
    const auto foreign = remove(team, {"cluster-1"});
    CHECK(foreign.status == 0);
    CHECK(foreign.out == "cluster-1\n");
    CHECK(count_of(foreign.err, "the user 'eks' stays") == 1);
    CHECK(count_of(content(kube_config(team)), "foreign-token") == 1);
}

TEST_CASE("save knows what save --exec wrote with doctl's configuration elsewhere or under another name of doks")
{
    for (const strings& where : {strings{"elsewhere.yaml"}, strings{}}) {
        CAPTURE(where.size());
        account team;
        team.add_contexts({"work"});
        const auto id = team.api.cluster_ids().front();
        auto how = team.command({"kubeconfig", "save", id, "--context", "work"});
        how.environment["KUBECONFIG"] = kube_config(team);
        if (!where.empty()) {
            std::filesystem::rename(team.path(".config/doctl/config.yaml"), team.path(where.front()));
            how.environment["DIGITALOCEAN_CONFIG"] = team.path(where.front());
        }
        auto plugin = how;
        plugin.arguments.emplace_back("--exec");
        CHECK(run(plugin).status == 0);
        auto text = content(kube_config(team));
        CHECK(count_of(text, "DIGITALOCEAN_CONFIG") == where.size());
        if (where.empty()) { // as if doks had been called as kubectl's plugin kubectl-doks
            const auto name = text.rfind("/doks", text.find('\n', text.find("command: ")));
            REQUIRE(name != text.npos);
            write_config(team, text.insert(name + 1, "kubectl-"));
        }
        CHECK(run(how).status == 0);
        CHECK(entries_of(team).size() == 1);
        CHECK(count_of(content(kube_config(team)), "exec:") == 0);
        CHECK(run(plugin).status == 0);
        CHECK(entries_of(team).size() == 1);
        CHECK(remove(team, {id}).status == 0);
        CHECK(entries_of(team).empty());
    }
}

TEST_CASE("remove of a cluster that has only contexts of the user's own removes nothing")
{
    account team;
    const auto own = own_config(team);
    write_config(team, own);
    const auto done = remove(team, {team.api.cluster_ids().front()});
    CHECK(done.status == 1);
    CHECK(count_of(done.err, "the context 'readonly' stays") == 1);
    CHECK(content(kube_config(team)) == own);
}
