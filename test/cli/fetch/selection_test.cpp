#include "cli/watch/watched.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <utility>

// Selections and pruning of fetch and watch, against the simulator: which files are written, kept and removed.

using namespace cli_test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

/// Adds a cluster to the account; its id.
std::string add(account& team, std::string region, std::vector<std::string> tags = {})
{
    doks::sim::cluster_spec spec;
    spec.region = std::move(region);
    spec.tags = std::move(tags);
    return team.api.set_cluster(std::move(spec));
}

/// The ids of a report with this outcome, each of which stands in it once.
std::vector<std::string> ids_with(const std::string& out, const std::string& outcome)
{
    std::vector<std::string> ids;
    for (const auto& [id, line] : report_of(out))
        if (line.at("outcome").as_string() == outcome) ids.push_back(id);
    return ids;
}

}

TEST_CASE("a selection fetches the listed clusters that it names, and no others")
{
    account team(unlimited(0));
    auto in_ams = add(team, "ams3", {"prod"});
    auto in_sfo = add(team, "sfo3", {"prod", "blue"});
    auto in_nyc = add(team, "nyc1", {"test"});
    auto sorted = [](std::vector<std::string> ids) {
        std::sort(ids.begin(), ids.end());
        return ids;
    };
    auto fetched_with = [&](std::vector<std::string> selection) {
        auto done = run(team.fetch(std::move(selection)));
        CHECK(done.status == 0);
        return ids_with(done.out, "fetched");
    };
    CHECK(fetched_with({"--region", "ams3"}) == sorted({in_ams}));
    CHECK(fetched_with({"--region", "ams3", "--region", "nyc1"}) == sorted({in_ams, in_nyc}));
    CHECK(fetched_with({"--tag", "prod"}) == sorted({in_ams, in_sfo}));
    CHECK(fetched_with({"--tag", "test", "--tag", "blue"}) == sorted({in_nyc, in_sfo}));
    CHECK(fetched_with({"--tag", "prod", "--region", "sfo3"}) == sorted({in_sfo}));
    CHECK(team.api.counts().minted == 8);
}

TEST_CASE("a selection that none matches says so and is no failure")
{
    account team;
    auto done = run(team.fetch({"--region", "moon1"}));
    CHECK(done.status == 0);
    CHECK(done.out.empty());
    CHECK(count_of(done.err, "doks: none of the 3 clusters is selected by --region and --tag") == 1);
    CHECK(team.api.counts().minted == 0);
}

TEST_CASE("--prune removes doks' own files of clusters that are no longer listed, and nothing else")
{
    account team(unlimited(5));
    REQUIRE(run(team.fetch()).status == 0);
    auto ids = team.api.cluster_ids();
    team.api.remove_cluster(ids[0]);
    team.api.remove_cluster(ids[3]);
    team.write("out/foreign.yaml", "kind: Config\n");
    team.write("out/notes.txt", "mine\n");
    auto kept = run(team.fetch({"--fresh-for", "1h"}));
    CHECK(ids_with(kept.out, "pruned").empty());
    CHECK(fs::exists(file_of(team, ids[0])));
    auto done = run(team.fetch({"--fresh-for", "1h", "--prune"}));
    CHECK(done.status == 0);
    auto pruned = ids_with(done.out, "pruned");
    CHECK(pruned.size() == 2);
    CHECK(count_of(done.out, "\"outcome\":\"fresh\"") == 3);
    for (std::size_t at = 0; at < ids.size(); ++at) CHECK(fs::exists(file_of(team, ids[at])) == (at != 0 && at != 3));
    CHECK(fs::exists(team.path("out/foreign.yaml")));
    CHECK(fs::exists(team.path("out/notes.txt")));
    CHECK(count_of(done.err, "'foreign.yaml'") == 1);
    auto again = run(team.fetch({"--fresh-for", "1h", "--prune"}));
    CHECK(ids_with(again.out, "pruned").empty());
}

TEST_CASE("nothing is pruned where the listing failed")
{
    account team;
    REQUIRE(run(team.fetch()).status == 0);
    team.api.remove_cluster(team.api.cluster_ids().front());
    doks::sim::fault broken;
    broken.kind = doks::sim::fault_kind::status;
    broken.status = 422;
    team.api.script(broken, "/v2/kubernetes/clusters?", 100);
    auto done = run(team.fetch({"--prune"}));
    CHECK(done.status == 1);
    CHECK(done.out.empty());
    CHECK(stored_ids(team.out()).size() == 3);
}

TEST_CASE("nothing is pruned where a signal stopped the fetch")
{
    auto how = unlimited(200);
    how.latency = {10ms, 10ms};
    account team(how);
    auto ids = team.api.cluster_ids();
    auto gone = ids.front();
    team.write("ids", gone + "\n" + ids.back() + "\n");
    REQUIRE(team.run({"kubeconfig", "fetch", "--ids", team.path("ids"), "--out", team.out()}).status == 0);
    team.api.remove_cluster(gone);
    child process(team.fetch({"--prune", "--connections", "8"}));
    REQUIRE(team.api.wait_for_requests(60, 30s));
    process.send(SIGTERM);
    auto done = process.wait();
    CHECK(done.status == 1);
    CHECK(count_of(done.out, "\"pruned\"") == 0);
    CHECK(fs::exists(file_of(team, gone)));
}

TEST_CASE("each context's directory is pruned by its own listing, and one that was not listed is left alone")
{
    account team;
    team.add_contexts({"blue", "green", "red"});
    REQUIRE(run(team.fetch({"--all-contexts"})).status == 0);
    auto gone = team.api.cluster_ids().front();
    team.api.remove_cluster(gone);
    team.api.revoke_token(team.api.token("red"));
    team.write_contexts({{"blue", team.api.token("blue")}, {"red", "dop_v1_refused"}});
    auto done = run(team.fetch({"--all-contexts", "--prune"}));
    CHECK(done.status == 1);
    CHECK(ids_with(lines_of_context(done.out, "blue"), "pruned") == std::vector<std::string>{gone});
    CHECK(count_of(done.out, "\"pruned\"") == 1);
    CHECK(stored_ids(team.out() / "blue").size() == 2);
    CHECK(stored_ids(team.out() / "green").size() == 3);
    CHECK(stored_ids(team.out() / "red").size() == 3);
    CHECK(count_of(done.err, "green") == 0);
}

TEST_CASE("an empty listing prunes nothing, and says so")
{
    account team;
    REQUIRE(run(team.fetch()).status == 0);
    team.api.script(
        answer_with(R"({"kubernetes_clusters":[],"links":{},"meta":{"total":0}})"), "/v2/kubernetes/clusters?");
    auto done = run(team.fetch({"--prune"}));
    CHECK(done.status == 1);
    CHECK(done.out.empty());
    CHECK(count_of(done.err, "the listing has none of the 3 clusters whose files are there") == 1);
    CHECK(count_of(done.err, "--prune=all") == 1);
    CHECK(stored_ids(team.out()).size() == 3);
}

TEST_CASE("another team's listing prunes nothing and fetches nothing, however often it comes")
{
    account team, other(unlimited(20));
    REQUIRE(run(team.fetch()).status == 0);
    auto how = other.fetch({"--prune"});
    *std::find(how.arguments.begin(), how.arguments.end(), other.out()) = team.out();
    for (int often = 0; often < 2; ++often) {
        CHECK(run(how).status == 1);
        CHECK(stored_ids(team.out()).size() == 3);
    }
    CHECK(other.api.counts().minted == 0);
}

TEST_CASE("another team's clusters are not fetched into a directory that has none of them, with or without --prune")
{
    account team(unlimited(4)), other(unlimited(5));
    REQUIRE(run(team.fetch()).status == 0);
    const auto own = stored_ids(team.out());
    const auto into = [](launch how, const fs::path& from, const fs::path& to) {
        *std::find(how.arguments.begin(), how.arguments.end(), from) = to;
        return how;
    };
    for (const auto& more : std::vector<std::vector<std::string>>{
             {}, {"--fresh-for", "1h"}, {"--region", "nyc1"}, {"--prune"}, {"--prune"}}) {
        const auto done = run(into(other.fetch(more), other.out(), team.out()));
        CHECK(done.status == 1);
        CHECK(done.out.empty());
        CHECK(count_of(done.err, "the listing has none of the 4 clusters whose files are there") == 1);
        CHECK(count_of(done.err, "and nothing fetched") == 1);
        CHECK(count_of(done.err, "--prune=all") == 1);
        CHECK(stored_ids(team.out()) == own);
    }
    CHECK(other.api.counts().minted == 0);
    CHECK(run(other.fetch()).status == 0);
    CHECK(run(team.fetch()).status == 0);
    const auto told = run(into(other.fetch({"--prune=all"}), other.out(), team.out()));
    CHECK(told.status == 0);
    CHECK(stored_ids(team.out()) == stored_ids(other.out()));
}

TEST_CASE("of several contexts the one whose listing has none of its directory's clusters is left out")
{
    account team;
    team.add_contexts({"blue", "green"});
    REQUIRE(run(team.fetch({"--all-contexts"})).status == 0);
    team.api.script(
        answer_with(R"({"kubernetes_clusters":[],"links":{},"meta":{"total":0}})"), "/v2/kubernetes/clusters?");
    const auto done = run(team.fetch({"--all-contexts"}));
    CHECK(done.status == 1);
    CHECK(count_of(done.out, "\"fetched\"") == 3);
    CHECK(count_of(done.err, "the listing has none of the 3 clusters") == 1);
}

TEST_CASE("more than half of a directory is pruned only when told so")
{
    account team(unlimited(8));
    REQUIRE(run(team.fetch()).status == 0);
    const auto ids = team.api.cluster_ids();
    for (std::size_t i = 3; i < ids.size(); ++i) fs::remove(team.out() / (ids[i] + ".yaml"));
    team.api.remove_cluster(ids[0]);
    team.api.remove_cluster(ids[1]);
    for (int again = 0; again < 2;
         ++again) { // what a refused listing brings does not make the missing the smaller part
        const auto done = run(team.fetch({"--prune"}));
        CHECK(done.status == 1);
        CHECK(done.out.empty());
        CHECK(count_of(done.err, "the listing lacks 2 of the 3 clusters whose files are there, more than half") == 1);
        CHECK(stored_ids(team.out()).size() == 3);
    }
    const auto done = run(team.fetch({"--prune=all"}));
    CHECK(done.status == 0);
    CHECK(ids_with(done.out, "pruned").size() == 2);
    CHECK(stored_ids(team.out()).size() == 6);
    for (std::size_t i = 2; i < ids.size(); ++i) team.api.remove_cluster(ids[i]);
    CHECK(run(team.fetch({"--prune"})).status == 1);
    CHECK(run(team.fetch({"--prune=all"})).status == 0);
    CHECK(stored_ids(team.out()).empty());
}

TEST_CASE("a cluster that only the listing lacks, or whose state cannot be asked for, keeps its file")
{
    account team(unlimited(4));
    REQUIRE(run(team.fetch()).status == 0);
    const auto ids = team.api.cluster_ids();
    const auto one = [&](std::size_t at) { return R"({"id":")" + ids[at] + R"("})"; };
    const auto listing = R"({"kubernetes_clusters":[)" + one(0) + "," + one(1) + R"(],"links":{},"meta":{"total":2}})";
    team.api.script(answer_with(listing), "/v2/kubernetes/clusters?", 2);
    doks::sim::fault refused;
    refused.kind = doks::sim::fault_kind::status;
    refused.status = 403;
    team.api.script(refused, "/v2/kubernetes/clusters/" + ids[3], 10);
    auto done = run(team.fetch({"--fresh-for", "1h", "--prune"}));
    CHECK(done.status == 1);
    CHECK(count_of(done.out, "pruned") == 0);
    CHECK(count_of(done.err, ids[2] + ": the listing lacks it, but the API knows it: its file stays") == 1);
    CHECK(count_of(done.err, ids[3] + ": its file stays, for the API does not say that it is gone") == 1);
    CHECK(stored_ids(team.out()).size() == 4);
}

TEST_CASE("a 404 that is over at the second look keeps the file")
{
    account team(unlimited(4));
    REQUIRE(run(team.fetch()).status == 0);
    const auto ids = team.api.cluster_ids();
    const auto spec = team.api.cluster(ids[0]);
    team.api.remove_cluster(ids[0]);
    child process(team.fetch({"--fresh-for", "1h", "--prune"}));
    const auto asked = [&] {
        const auto journal = team.api.journal();
        return std::any_of(journal.begin(), journal.end(),
            [&](const auto& each) { return each.path == "/v2/kubernetes/clusters/" + ids[0]; });
    };
    CHECK(comes_true(asked));
    team.api.set_cluster(spec);
    auto done = process.wait();
    CHECK(done.status == 0);
    CHECK(count_of(done.out, "pruned") == 0);
    CHECK(stored_ids(team.out()).size() == 4);
}
