#include "cli/account.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <csignal>

// Files of names and ids through the program, against the simulator.

using namespace cli_test;
using namespace std::chrono_literals;

namespace {

std::string add(account& team, std::string name)
{
    doks::sim::cluster_spec spec;
    spec.name = std::move(name);
    return team.api.set_cluster(std::move(spec));
}

std::string in_capitals(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

launch fetch_ids(const account& team, const std::string& lines)
{
    return team.command({"kubeconfig", "fetch", "--ids", team.write("ids", lines), "--out", team.out().native()});
}

}

TEST_CASE("a file of ids takes names, and ids in capitals, and each cluster counts once")
{
    account team(unlimited(0));
    const auto prod = add(team, "prod"), stage = add(team, "stage"), other = add(team, "other");
    const auto done = run(fetch_ids(team, "prod\n" + in_capitals(stage) + "\n" + stage + "\n" + prod + "\n"));
    CHECK(done.status == 0);
    const auto report = report_of(done.out);
    CHECK(report.size() == 2);
    CHECK(count_outcomes(report, "fetched") == 2);
    auto stored = stored_ids(team.out());
    auto wanted = std::vector{prod, stage};
    std::sort(wanted.begin(), wanted.end());
    std::sort(stored.begin(), stored.end());
    CHECK(stored == wanted);
    CHECK(team.api.counts().minted == 2);
}

TEST_CASE("a name in a file of ids that no cluster has, or several have, fails alone")
{
    account team(unlimited(0));
    const auto prod = add(team, "prod");
    add(team, "twin");
    add(team, "twin");
    const auto done = run(fetch_ids(team, "missing\nprod\ntwin\n"));
    CHECK(done.status == 1);
    auto report = report_of(done.out);
    CHECK(report.size() == 3);
    CHECK(report[prod]["outcome"] == "fetched");
    CHECK(report["missing"]["outcome"] == "failed");
    CHECK(report["twin"]["outcome"] == "failed");
    CHECK(done.err.find("cluster 'missing'") != std::string::npos);
    CHECK(done.err.find("give the id of one of them") != std::string::npos);
    CHECK(team.api.counts().minted == 1);
}

TEST_CASE("an id in capitals is the same cluster for show and for kubectl's plugin")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto shown = team.run({"kubeconfig", "show", in_capitals(id)});
    CHECK(shown.status == 0);
    for (const auto& each : {id, in_capitals(id)}) {
        const auto got = team.run({"credential", each});
        CHECK(got.status == 0);
    }
    CHECK(team.api.counts().minted == 2); // one for show, one for the plugin, which has it the second time
}

TEST_CASE("a watch takes names, and reads them again")
{
    account team(unlimited(0));
    const auto prod = add(team, "prod"), stage = add(team, "stage");
    const auto file = team.write("ids", "prod\nmissing\n");
    child process(team.command({"kubeconfig", "watch", "--ids", file, "--out", team.out().native()}));
    process.wait_for_out(prod);
    process.wait_for_err("cluster 'missing'");
    team.write("ids", "stage\nprod\n");
    process.send(SIGHUP);
    process.wait_for_out(stage);
    process.send(SIGTERM);
    CHECK(process.wait().status == 0);
    CHECK(stored_ids(team.out()).size() == 2);
}

TEST_CASE("a watch of names ends at once although the listing hangs, and says that it was not ready")
{
    account team;
    team.api.script(doks::sim::fault{.kind = doks::sim::fault_kind::stall_first_byte}, "/v2/kubernetes/clusters?", 10);
    const auto file = team.write("ids", "prod\n");
    child process(team.command({"kubeconfig", "watch", "--ids", file, "--out", team.out().native()}));
    REQUIRE(team.api.wait_for_requests(1, 30s));
    const auto sent = std::chrono::steady_clock::now();
    process.send(SIGTERM);
    const auto done = process.wait();
    CHECK(std::chrono::steady_clock::now() - sent < 5s);
    CHECK(done.status == 1);
    CHECK(done.err.find("it was not ready") != std::string::npos);
}
