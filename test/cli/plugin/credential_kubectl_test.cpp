#include "cli/plugin/plugin.hpp"

#include "cli/kubectl/exec_plugin.hpp"
#include "support/kubectl.hpp"

#include <doks/kubeconfig.hpp>
#include <doks/render.hpp>

// The real kubectl runs the real program against the simulator. Where there is no kubectl, nothing is tested.

using namespace cli_test;
using namespace std::chrono_literals;
using doks::test::contains;
using doks::test::has_kubectl;
using doks::test::kubectl;
using doks::test::run_shell;

namespace {

/// kubectl whose kubeconfig has `doks credential` for its user, as `save --exec` writes it.
kubectl with_plugin(const account& team, const std::string& id, std::chrono::seconds expiry, const std::string& token,
    const std::string& version = {})
{
    doks::cli::global_options global;
    global.api_url = team.api.url();
    global.ca_file = team.api.ca_file();
    global.token_file = team.write("token", token);
    auto entry = doks::cli::credential_plugin(DOKS_PROGRAM, id, expiry, global, doks::cli::process_environment());
    if (!version.empty()) entry.api_version = version;
    const doks::kubeconfig fetched(team.run({"kubeconfig", "show", id}).out);
    return kubectl(std::string(doks::render(fetched, entry).bytes()));
}

std::size_t minted(const account& team, const std::string& id) { return team.api.counts().minted_by_cluster[id]; }

}

TEST_CASE("kubectl runs doks as its plugin: one credential for many calls")
{
    if (!has_kubectl()) return;
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto call = with_plugin(team, id, 1h, team.api.token());
    const auto before = minted(team, id);
    const auto listed = call("get namespaces");
    INFO(listed.output);
    CHECK(listed.status == 0);
    CHECK(contains(listed, "kube-system"));
    CHECK(call("get pods").status == 0);
    CHECK(minted(team, id) == before + 1);
}

TEST_CASE("a kubectl that asks for v1 gets v1")
{
    if (!has_kubectl()) return;
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto call = with_plugin(team, id, 1h, team.api.token(), "client.authentication.k8s.io/v1");
    const auto listed = call("get namespaces");
    if (contains(listed, "invalid apiVersion")) {
        MESSAGE("skipped: this kubectl is older than v1");
        return;
    }
    INFO(listed.output);
    CHECK(contains(listed, "kube-system"));
}

TEST_CASE("32 kubectl at once have doks mint one credential")
{
    if (!has_kubectl()) return;
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto call = with_plugin(team, id, 1h, team.api.token());
    const auto before = minted(team, id);
    const auto all = call.shell(
        "for i in $(seq 32); do \"$kubectl\" get --raw /clusters/" + id + "/api/v1/namespaces >/dev/null & done; wait");
    INFO(all.output);
    CHECK(all.status == 0);
    CHECK(all.output.empty());
    CHECK(minted(team, id) == before + 1);
}

TEST_CASE("one kubectl proxy serves across two expiries, for it asks doks again")
{
    if (!has_kubectl()) return;
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto call = with_plugin(team, id, 5s, team.api.token());
    const auto before = minted(team, id);
    const auto served =
        call.shell("place='" + team.path("proxy").string() + "'; path=/clusters/" + id + R"(/api/v1/namespaces
"$kubectl" proxy --port=0 >"$place" 2>/dev/null & proxy=$!
for i in $(seq 200); do grep -q 127 "$place" && break; sleep 0.1; done
port=$(grep -o '[0-9]*$' "$place")
for i in 1 2 3; do
    "$kubectl" --kubeconfig=/dev/null --server=http://127.0.0.1:$port get --raw $path | grep -c kube-system
    test $i = 3 || sleep 5.5
done
kill $proxy)");
    CHECK(served.output == "1\n1\n1\n");
    CHECK(minted(team, id) == before + 3);
}

TEST_CASE("a role without rights is kubectl's to refuse")
{
    if (!has_kubectl()) return;
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto call = with_plugin(team, id, 1h, team.add_visitor());
    const auto refused = call("get namespaces");
    CHECK(refused.status == 1);
    CHECK(
        contains(refused, "Error from server (Forbidden): namespaces is forbidden: User \"visitor@doks-sim.example\""));
}

TEST_CASE("kubectl shows what doks says on standard error")
{
    if (!has_kubectl()) return;
    account team;
    const auto call = with_plugin(team, team.api.cluster_ids().front(), 1h, "revoked");
    const auto refused = call("get namespaces");
    INFO(refused.output);
    CHECK(refused.status == 1);
    CHECK(contains(refused, "doks: "));
    CHECK(contains(refused, "401"));
}
