#include "cli/kubectl/kubectl_home.hpp"

#include "support/kubectl.hpp"

#include <doctest/doctest.h>

// The real kubectl uses what `doks kubeconfig save` wrote. Where there is no kubectl, nothing is tested.

using namespace cli_test;
using doks::test::contains;
using doks::test::has_kubectl;
using doks::test::run_shell;

namespace {

/// kubectl of the user whose home this is.
doks::test::program_end kubectl(const account& team, const std::string& arguments)
{
    return run_shell(
        "HOME='" + team.path("").string() + "' KUBECONFIG= '" + doks::test::kubectl_program() + "' " + arguments);
}

/// The arguments of `save --exec`, whose token kubectl's plugin finds in a file.
std::vector<std::string> with_plugin(const account& team, const std::string& token)
{
    return {"--all", "--exec", "--token-file", team.write("token", token)};
}

}

TEST_CASE("kubectl lists the namespaces of every saved cluster, by token and by certificate")
{
    if (!has_kubectl()) return;
    account team;
    doks::sim::cluster_spec old;
    old.name = "old";
    old.form = doks::sim::credential_form::certificate;
    team.api.set_cluster(old);
    REQUIRE(on_file(team, "save", {"--all"}).status == 0);
    const auto names = contexts_of(team);
    CHECK(names.size() == 4);
    for (const auto& name : names) {
        const auto listed = kubectl(team, "--context " + name + " get namespaces");
        INFO(listed.output);
        CHECK(contains(listed, "kube-system"));
    }
}

TEST_CASE("kubectl uses an entry that doks is the plugin of, and goes back to a token")
{
    if (!has_kubectl()) return;
    account team;
    const auto id = team.api.cluster_ids().front();
    REQUIRE(on_file(team, "save", {"cluster-1", "--set-current-context"}).status == 0);
    REQUIRE(on_file(team, "save", with_plugin(team, team.api.token())).status == 0);
    CHECK(count_of(content(kube_config(team)), "token:") == 0);
    const auto before = team.api.counts().minted_by_cluster[id];
    const auto listed = kubectl(team, "get namespaces");
    INFO(listed.output);
    CHECK(contains(listed, "kube-system"));
    CHECK(kubectl(team, "get pods").status == 0);
    CHECK(team.api.counts().minted_by_cluster[id] == before + 1);
    const auto again = on_file(team, "save", with_plugin(team, team.api.token()));
    CHECK(count_of(again.out, "unchanged") == 3);
    REQUIRE(on_file(team, "save", {"cluster-1"}).status == 0);
    CHECK(count_of(content(kube_config(team)), "exec:") == 2);
    CHECK(contains(kubectl(team, "get namespaces"), "kube-system"));
}

TEST_CASE("an entry for the plugin names the context of doctl's whose token saved it")
{
    if (!has_kubectl()) return;
    account team;
    team.write_contexts({{"default", "dop_v1_other"}, {"work", team.api.token()}});
    const auto doctl = team.path(".config/doctl/config.yaml");
    const auto of = [&](const std::string& current) {
        auto text = content(doctl);
        const auto at = text.find("context: ");
        text.replace(at, text.find('\n', at) - at, "context: " + current);
        team.write(".config/doctl/config.yaml", text);
    };
    of("work");
    auto how = team.command({"kubeconfig", "save", "cluster-1", "--exec", "--set-current-context"});
    how.environment.erase("DIGITALOCEAN_TOKEN");
    const auto done = run(how);
    INFO(done.err);
    REQUIRE(done.status == 0);
    of("default");
    const auto listed = kubectl(team, "get namespaces");
    INFO(listed.output);
    CHECK(contains(listed, "kube-system"));
}

TEST_CASE("kubectl and save write the same file in turn")
{
    if (!has_kubectl()) return;
    account team;
    REQUIRE(on_file(team, "save", {"cluster-1"}).status == 0);
    REQUIRE(
        kubectl(team, "config set-context mine --cluster=do-nyc1-cluster-1 --user=do-nyc1-cluster-1-admin").status ==
        0);
    REQUIRE(on_file(team, "save", {"--all"}).status == 0);
    CHECK(contexts_of(team).size() == 4);
    CHECK(contains(kubectl(team, "--context mine get namespaces"), "kube-system"));
    REQUIRE(kubectl(team, "config use-context do-ams3-cluster-2").status == 0);
    CHECK(contains(kubectl(team, "get namespaces"), "kube-system"));
}

TEST_CASE("a saved role without rights is kubectl's to refuse")
{
    if (!has_kubectl()) return;
    account team;
    const auto token = team.write("token", team.add_visitor());
    REQUIRE(on_file(team, "save", {"cluster-1", "--set-current-context", "--token-file", token}).status == 0);
    const auto refused = kubectl(team, "get namespaces");
    CHECK(refused.status == 1);
    CHECK(contains(refused, "Error from server (Forbidden): namespaces is forbidden"));
}
