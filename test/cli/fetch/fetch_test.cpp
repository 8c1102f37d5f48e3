#include "cli/account.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>

// `kubeconfig fetch` in a process of its own, against the simulator: files, reports, faults, signals.

using namespace cli_test;
using namespace std::chrono_literals;
using doks::sim::fault;
using doks::sim::fault_kind;

namespace {

doks::sim::options slow(std::size_t clusters, std::chrono::nanoseconds each_way)
{
    auto how = unlimited(clusters);
    how.latency = {each_way, each_way};
    return how;
}

std::size_t most_requests_for_one(const doks::sim::journal_counts& counts)
{
    std::size_t most = 0;
    for (const auto& [id, requests] : counts.kubeconfig_requests_by_cluster) most = std::max(most, requests);
    return most;
}

}

TEST_CASE("fetch --all writes each cluster's own file with one request each")
{
    account team(unlimited(500));
    auto done = run(team.fetch());
    CHECK(done.status == 0);
    auto report = report_of(done.out);
    CHECK(report.size() == 500);
    CHECK(count_outcomes(report, "fetched") == 500);
    CHECK(stored_ids(team.out()).size() == 500);
    CHECK(stray_files(team.out()).empty());
    auto counts = team.api.counts();
    CHECK(counts.kubeconfig_requests == 500);
    CHECK(counts.kubeconfig_requests_by_cluster.size() == 500);
    CHECK(counts.minted == 500);
    CHECK(count_of(done.err, "500 of 500 done") == 1);
}

TEST_CASE("an account without clusters is done at once")
{
    account team(unlimited(0));
    auto done = run(team.fetch());
    CHECK(done.status == 0);
    CHECK(done.out.empty());
}

TEST_CASE("fetch --ids takes ids from a file and from standard input, each once")
{
    account team;
    auto ids = team.api.cluster_ids();
    auto list = "# two of three\n" + ids[0] + "\n\n" + ids[1] + " # again:\n" + ids[0] + "\n";
    auto done = team.run({"kubeconfig", "fetch", "--ids", team.write("ids", list), "--out", team.out()});
    CHECK(done.status == 0);
    CHECK(report_of(done.out).size() == 2);
    CHECK(team.api.counts().kubeconfig_requests == 2);
    auto how = team.command({"kubeconfig", "fetch", "--ids", "-", "--out", team.out()});
    how.input = ids[2] + "\n";
    CHECK(report_of(run(how).out).count(ids[2]) == 1);
}

TEST_CASE("a cluster that is gone or not ready is no failure")
{
    account team;
    auto ids = team.api.cluster_ids();
    doks::sim::cluster_spec young;
    young.state = "provisioning";
    auto not_ready = team.api.set_cluster(young);
    team.api.remove_cluster(ids[0]);
    auto list = ids[0] + "\n" + ids[1] + "\n" + not_ready + "\n";
    auto done = team.run({"kubeconfig", "fetch", "--ids", team.write("ids", list), "--out", team.out()});
    CHECK(done.status == 0);
    auto report = report_of(done.out);
    CHECK(report[ids[0]]["outcome"] == "gone");
    CHECK(report[ids[1]]["outcome"] == "fetched");
    CHECK(report[not_ready]["outcome"] == "not_ready");
    CHECK(report[ids[0]]["status"].to_number<int>() == 404);
    CHECK(report[ids[0]]["error"].is_string());
    CHECK(stored_ids(team.out()).size() == 1);
}

TEST_CASE("one id that fails is named, and the others are fetched")
{
    account team;
    auto ids = team.api.cluster_ids();
    fault broken;
    broken.kind = fault_kind::status;
    broken.status = 422;
    team.api.script(broken, "/v2/kubernetes/clusters/" + ids[1] + "/kubeconfig", 100);
    auto done = run(team.fetch());
    CHECK(done.status == 1);
    auto report = report_of(done.out);
    CHECK(report[ids[1]]["outcome"] == "failed");
    CHECK(report[ids[1]]["status"].to_number<int>() == 422);
    CHECK(count_outcomes(report, "fetched") == 2);
    CHECK(count_of(done.err, "doks: " + ids[1] + ": ") == 1);
}

TEST_CASE("wire faults lose nothing, fail nothing and show in the report")
{
    auto how = unlimited(400);
    how.faults = doks::sim::mixed_faults(0.1);
    account team(how);
    auto done = run(team.fetch());
    CHECK(done.status == 0);
    auto report = report_of(done.out);
    CHECK(report.size() == 400);
    CHECK(count_outcomes(report, "fetched") == 400);
    CHECK(stored_ids(team.out()).size() == 400);
    auto counts = team.api.counts();
    CHECK(counts.faults.size() > 3);
    for (const auto& [id, requests] : counts.kubeconfig_requests_by_cluster)
        CHECK(report[id]["attempts"].to_number<std::size_t>() >= requests);
}

TEST_CASE("killed in mid-bulk and started again with --fresh-for, it fetches only the missing ones")
{
    account team(slow(200, 10ms));
    {
        child first(team.fetch({"--connections", "8", "--fresh-for", "1h"}));
        REQUIRE(team.api.wait_for_requests(80, 30s));
        first.send(SIGKILL);
        CHECK(first.wait().status == 128 + SIGKILL);
    }
    auto on_disk = stored_ids(team.out());
    CHECK(on_disk.size() > 40);
    CHECK(on_disk.size() < 200);
    auto done = run(team.fetch({"--connections", "8", "--fresh-for", "1h"}));
    CHECK(done.status == 0);
    auto report = report_of(done.out);
    CHECK(report.size() == 200);
    // A file that was renamed into place just before the kill may lack its line in the index: at most one per connection.
    CHECK(count_outcomes(report, "fresh") + 8 >= on_disk.size());
    CHECK(count_outcomes(report, "fresh") <= on_disk.size());
    CHECK(stored_ids(team.out()).size() == 200);
    CHECK(stray_files(team.out()).empty());
    auto counts = team.api.counts();
    for (const auto& [id, line] : report)
        if (line.at("outcome") == "fresh") CHECK(counts.kubeconfig_requests_by_cluster[id] == 1);
    CHECK(most_requests_for_one(counts) <= 2);
    auto again = run(team.fetch({"--fresh-for", "1h"}));
    CHECK(count_outcomes(report_of(again.out), "fresh") == 200);
    CHECK(team.api.counts().kubeconfig_requests == counts.kubeconfig_requests);
}

TEST_CASE("SIGINT in mid-bulk lets requests in flight end and reports the rest")
{
    for (int signal : {SIGINT, SIGTERM}) {
        account team(slow(300, 10ms));
        child process(team.fetch({"--connections", "8"}));
        REQUIRE(team.api.wait_for_requests(80, 30s));
        auto sent = std::chrono::steady_clock::now();
        process.send(signal);
        auto done = process.wait();
        CHECK(std::chrono::steady_clock::now() - sent < 3s);
        CHECK(done.status == 1);
        const auto report = report_of(done.out);
        const auto rest = left_over(done.out);
        CHECK(count_of(done.out, "stopped before its turn") == 1);
        CHECK(count_of(done.err, "doks: " + std::to_string(rest) + " were not started: stopped before its turn") == 1);
        CHECK(report.size() + rest == 300);
        CHECK(count_outcomes(report, "fetched") == report.size());
        CHECK(count_outcomes(report, "fetched") == stored_ids(team.out()).size());
        CHECK(team.api.counts().minted == count_outcomes(report, "fetched"));
        CHECK(stray_files(team.out()).empty());
    }
}

TEST_CASE("requests that hang are cancelled two seconds after SIGINT, and at once by a second one")
{
    auto how = unlimited(20);
    how.faults = {{fault_kind::stall_first_byte, 0.5, {}, 503, {}, {}, {}, {}}};
    for (int signals : {1, 2}) {
        account team(how);
        team.api.set_faults({});
        auto ids = team.api.cluster_ids();
        team.api.script(how.faults.front(), "/v2/kubernetes/clusters/" + ids[3] + "/kubeconfig", 10);
        child process(team.fetch({"--connections", "4"}));
        REQUIRE(team.api.wait_for_requests(21, 30s));
        process.send(SIGINT);
        process.wait_for_err("stopping");
        auto sent = std::chrono::steady_clock::now();
        if (signals == 2) process.send(SIGINT);
        auto done = process.wait();
        auto took = std::chrono::steady_clock::now() - sent;
        CHECK(done.status == (signals == 2 ? 128 + SIGINT : 1));
        CHECK(took < (signals == 2 ? 1s : 3s));
        if (signals == 2) continue;
        auto report = report_of(done.out);
        CHECK(report.size() == 20);
        CHECK(report[ids[3]]["outcome"] == "failed");
        CHECK(count_outcomes(report, "fetched") == 19);
    }
}

TEST_CASE("a token file that is swapped in mid-bulk loses nothing and mints nothing twice")
{
    account team(slow(300, 5ms));
    auto old_token = team.api.token();
    auto file = team.write("token", old_token + "\n");
    auto how = team.fetch({"--token-file", file, "--connections", "8"});
    how.environment.erase("DIGITALOCEAN_TOKEN");
    child process(how);
    REQUIRE(team.api.wait_for_requests(100, 30s));
    doks::sim::token_spec next;
    next.label = "next";
    team.write("token.new", team.api.add_token(next) + "\n");
    std::filesystem::rename(team.path("token.new"), file);
    team.api.revoke_token(old_token);
    auto done = process.wait();
    CHECK(done.status == 0);
    auto report = report_of(done.out);
    CHECK(count_outcomes(report, "fetched") == 300);
    auto counts = team.api.counts();
    CHECK(counts.minted == 300);
    CHECK(counts.minted_by_cluster.size() == 300);
    CHECK(team.api.journal().back().token == "next");
}

TEST_CASE("a token that is refused for good stops the bulk")
{
    account team(slow(200, 5ms));
    child process(team.fetch({"--connections", "8"}));
    REQUIRE(team.api.wait_for_requests(60, 30s));
    team.api.revoke_token(team.api.token());
    auto done = process.wait();
    CHECK(done.status == 1);
    auto report = report_of(done.out);
    CHECK(report.size() + left_over(done.out) == 200);
    CHECK(count_outcomes(report, "fetched") == team.api.counts().minted);
    CHECK(team.api.counts().kubeconfig_requests < 60 + 40);
    CHECK(count_of(done.out, "not_started") == 1);
    CHECK(count_of(done.err, " were not started: the API token was refused before its turn") == 1);
}

TEST_CASE("limits are kept: no refusal, and not much longer than the best possible time")
{
    auto how = unlimited(250);
    how.limit.enabled = true;
    how.limit.per_minute = 50;
    how.limit.minute_window = 1s;
    how.limit.per_hour = 1000;
    how.limit.hour_window = 60s;
    how.latency = {5ms, 50ms};
    account team(how);
    auto done = run(team.fetch({"--rate-limit", "50/1s,1000/60s"}));
    CHECK(done.status == 0);
    CHECK(count_outcomes(report_of(done.out), "fetched") == 250);
    CHECK(team.api.counts().throttled == 0);
    CHECK(done.took > 4900ms);
    CHECK(done.took < 8s);
}
