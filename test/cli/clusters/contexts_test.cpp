#include "cli/account.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <utility>

// The program with several of doctl's contexts, against the simulator's accounts.

using namespace cli_test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

const std::vector<std::string> teams{"blue", "default", "green", "red"};

/// Requests for kubeconfigs that this token made.
std::size_t fetches_by(const doks::sim::simulator& api, const std::string& label)
{
    auto journal = api.journal();
    auto is_one = [&](const auto& each) { return each.token == label && each.minted; };
    return static_cast<std::size_t>(std::count_if(journal.begin(), journal.end(), is_one));
}

/// Each cluster of the context was fetched, by the report and by the directory.
void check_fetched(const account& team, const finished& done, const std::string& context, std::size_t clusters)
{
    CAPTURE(context);
    auto report = report_of(lines_of_context(done.out, context));
    CHECK(report.size() == clusters);
    CHECK(count_outcomes(report, "fetched") == clusters);
    CHECK(stored_ids(team.out() / context).size() == clusters);
    CHECK(stray_files(team.out() / context).empty());
}

}

TEST_CASE("one context's token wins over the environment's, and its files go to the directory itself")
{
    account team;
    team.add_contexts({"blue", "default"});
    auto how = team.fetch({"--context", "blue"});
    how.environment["DIGITALOCEAN_TOKEN"] = "dop_v1_refused";
    auto done = run(how);
    CHECK(done.status == 0);
    CHECK(count_outcomes(report_of(done.out), "fetched") == 3);
    CHECK(count_of(done.out, "context") == 0);
    CHECK(stored_ids(team.out()).size() == 3);
    CHECK(fetches_by(team.api, "blue") == 3);
}

TEST_CASE("several contexts each have a directory and are named in the report")
{
    account team;
    team.add_contexts(teams);
    auto done = run(team.fetch({"--context", "green", "--context", "default"}));
    CHECK(done.status == 0);
    check_fetched(team, done, "green", 3);
    check_fetched(team, done, "default", 3);
    CHECK(count_of(done.out, "\n") == 6);
    CHECK(fetches_by(team.api, "green") == 3);
    CHECK(fetches_by(team.api, "default") == 3);
    CHECK_FALSE(fs::exists(team.out() / "red"));
    CHECK(count_of(done.err, "6 of 6 done") == 1);
    auto again = run(team.fetch({"--all-contexts", "--fresh-for", "1h"}));
    CHECK(count_outcomes(report_of(lines_of_context(again.out, "green")), "fresh") == 3);
    check_fetched(team, again, "red", 3);
}

TEST_CASE("with --all-contexts even a single context has a directory of its own")
{
    account team;
    team.add_contexts({"blue"});
    auto done = run(team.fetch({"--all-contexts"}));
    CHECK(done.status == 0);
    check_fetched(team, done, "blue", 3);
}

TEST_CASE("an unknown context ends the program before anything is sent, with the names that there are")
{
    account team;
    team.add_contexts(teams);
    auto done = run(team.fetch({"--context", "blue", "--context", "yellow"}));
    CHECK(done.status == 2);
    CHECK(count_of(done.err, "choose one of default, blue, green, red") == 1);
    CHECK(count_of(done.err, team.api.token("blue")) == 0);
    CHECK(team.api.counts().requests == 0);
    CHECK_FALSE(fs::exists(team.out()));
}

TEST_CASE("clusters of several contexts are listed with the context named")
{
    account team;
    team.add_contexts({"blue", "red"});
    auto table = team.run({"clusters", "--all-contexts"});
    CHECK(table.status == 0);
    CHECK(table.out.starts_with("CONTEXT  ID "));
    CHECK(count_of(table.out, "\nblue ") == 3);
    CHECK(count_of(table.out, "\nred ") == 3);
    auto lines = team.run({"clusters", "--all-contexts", "--output", "json"});
    CHECK(count_of(lines.out, "\"context\":\"red\"") == 3);
    auto one = team.run({"clusters", "--context", "blue"});
    CHECK(one.out.starts_with("ID "));
    team.api.revoke_token(team.api.token("red"));
    auto without = team.run({"clusters", "--all-contexts"});
    CHECK(without.status == 1);
    CHECK(count_of(without.out, "\nblue ") == 3);
    CHECK(count_of(without.err, "doks: context 'red': ") == 1);
    auto id = team.api.cluster_ids().front();
    CHECK(team.run({"kubeconfig", "show", id, "--context", "blue"}).status == 0);
    CHECK(fetches_by(team.api, "blue") == 1);
}

TEST_CASE("a context whose token is revoked in mid-bulk fails alone, and is named with each of its clusters")
{
    auto how = unlimited(100);
    how.latency = {5ms, 5ms};
    account team(how);
    team.add_contexts({"blue", "red"});
    child process(team.fetch({"--all-contexts", "--connections", "8"}));
    REQUIRE(team.api.wait_for_requests(60, 30s));
    team.api.revoke_token(team.api.token("red"));
    auto done = process.wait();
    CHECK(done.status == 1);
    check_fetched(team, done, "blue", 100);
    auto report = report_of(lines_of_context(done.out, "red"));
    CHECK(report.size() + left_over(done.out) == 100);
    CHECK(count_outcomes(report, "failed") > 0);
    CHECK(count_outcomes(report, "fetched") == stored_ids(team.out() / "red").size());
    CHECK(count_of(done.out, "not_started") == 1);
    CHECK(
        count_of(done.err, "doks: context 'red', ") == std::min<std::size_t>(count_outcomes(report, "failed"), 10) + 1);
    CHECK(count_of(done.err, "context 'blue'") == 0);
}

TEST_CASE("progress and quota are those of all contexts together")
{
    auto how = unlimited(30);
    how.limit = doks::sim::parse_rate_limit("10/1s,5000/60s");
    account team(how);
    team.add_contexts({"blue", "red"});
    auto done = run(team.fetch({"--all-contexts", "--rate-limit", "10/1s,5000/60s", "--progress", "always"}));
    CHECK(done.status == 0);
    CHECK(count_of(done.err, "/60, ") >= 2);
    CHECK(count_of(done.err, " of 20/1s, ") >= 2);
    CHECK(count_of(done.err, " of 10000/1m") >= 2);
    CHECK(count_of(done.err, "60 of 60 done") == 1);
    CHECK(team.api.counts().throttled == 0);
}

TEST_CASE("if no context can be listed each is named, and nothing is written")
{
    account team;
    team.write_contexts({{"blue", "dop_v1_refused"}, {"default", "dop_v1_refused_too"}});
    auto done = run(team.fetch({"--all-contexts", "--prune"}));
    CHECK(done.status == 1);
    CHECK(done.out.empty());
    CHECK(count_of(done.err, "doks: context 'blue': ") == 1);
    CHECK(count_of(done.err, "doks: context 'default': ") == 1);
    CHECK(count_of(done.err, "dop_v1") == 0);
    CHECK(count_of(done.err, "\n") == 2);
    CHECK(stored_ids(team.out() / "blue").empty());
}

TEST_CASE("four contexts take the time of one, and one that is revoked fails alone")
{
    doks::sim::options how;
    how.clusters = 750;
    how.limit = doks::sim::parse_rate_limit("250/2s,5000/60s");
    how.latency = {5ms, 15ms};
    account team(how);
    team.add_contexts(teams);
    auto fetch = [&](const std::string& into, std::vector<std::string> which) {
        std::vector<std::string> arguments{
            "kubeconfig", "fetch", "--all", "--out", team.out() / into, "--rate-limit", "250/2s,5000/60s"};
        arguments.insert(arguments.end(), which.begin(), which.end());
        team.api.set_rate_limit(how.limit);
        return run(team.command(std::move(arguments)));
    };
    auto alone = fetch("alone", {"--context", "blue"});
    CHECK(alone.status == 0);
    auto together = fetch("", {"--all-contexts"});
    CHECK(together.status == 0);
    for (const std::string& each : teams) check_fetched(team, together, each, 750);
    CHECK(fetches_by(team.api, "green") == 750);
    CHECK(count_of(together.err, "3000 of 3000 done") == 1);
    CHECK(team.api.counts().throttled == 0);
    auto ratio = std::chrono::duration<double>(together.took) / std::chrono::duration<double>(alone.took);
    MESSAGE("one context: ", std::chrono::duration<double>(alone.took).count(),
        " s; four: ", std::chrono::duration<double>(together.took).count(), " s; ratio ", ratio);
    CHECK(ratio <= 1.15);

    fs::remove_all(team.out());
    team.api.revoke_token(team.api.token("green"));
    auto partly = fetch("", {"--all-contexts"});
    CHECK(partly.status == 1);
    CHECK(count_of(partly.err, "doks: context 'green': ") == 1);
    CHECK(count_of(partly.err, "HTTP status 401") == 1);
    CHECK(count_of(partly.out, "\n") == 2250);
    for (const char* each : {"blue", "default", "red"}) check_fetched(team, partly, each, 750);
    CHECK(stored_ids(team.out() / "green").empty());
    CHECK(std::chrono::duration<double>(partly.took) / std::chrono::duration<double>(alone.took) <= 1.15);
}
