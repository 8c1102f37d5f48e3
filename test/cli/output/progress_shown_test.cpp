#include "cli/account.hpp"

#include <doctest/doctest.h>

// What the program writes to a terminal or a pipe while it works, against the simulator; and no secret in it.

using namespace cli_test;
using namespace std::chrono_literals;

namespace {

/// Forty clusters at ten a second: long enough for several progress lines.
doks::sim::options limited()
{
    auto how = unlimited(40);
    how.limit.enabled = true;
    how.limit.per_minute = 10;
    how.limit.minute_window = 1s;
    return how;
}

}

TEST_CASE(
    "on a terminal the progress is one line that is redrawn and cleared at the end" * doctest::skip(!has_terminals()))
{
    account team(limited());
    auto how = team.fetch({"--rate-limit", "10/1s"});
    how.errors = error_stream::terminal;
    auto done = run(how);
    CHECK(done.status == 0);
    CHECK(count_of(done.err, "\r\x1b[K") > 5);
    CHECK(count_of(done.err, "/40, ") > 5);
    CHECK(count_of(done.err, " left, quota ") > 5);
    CHECK(count_of(done.err, "\n") == 1);
    CHECK(count_of(done.err, "\r\x1b[Kdoks: 40 of 40 done in ") == 1);
}

TEST_CASE("without a terminal the progress is plain lines, and nothing with never")
{
    account team(limited());
    auto always = run(team.fetch({"--rate-limit", "10/1s", "--progress", "always"}));
    CHECK(count_of(always.err, "/40, ") >= 2);
    CHECK(count_of(always.err, "\r") == 0);
    team.api.set_rate_limit(unlimited().limit);
    auto never = run(team.fetch({"--progress", "never"}));
    CHECK(never.status == 0);
    CHECK(never.err.empty());
    auto automatic = run(team.fetch());
    CHECK(count_of(automatic.err, "\n") == 1);
    CHECK(automatic.err.starts_with("doks: 40 of 40 done in "));
}

TEST_CASE("a trace shows the connection, requests and responses, and no secret")
{
    account team;
    auto id = team.api.cluster_ids().front();
    auto done = team.run({"kubeconfig", "show", id, "--trace"});
    CHECK(done.status == 0);
    CHECK(count_of(done.err, "connected to 127.0.0.1:") == 1);
    CHECK(count_of(done.err, "TLSv1.3") == 1);
    CHECK(count_of(done.err, "GET /v2/kubernetes/clusters/" + id + "/kubeconfig") == 1);
    CHECK(count_of(done.err, "Authorization: [redacted]") == 1);
    CHECK(count_of(done.err, "] 200, ") == 1);
    CHECK(count_of(done.err, team.api.journal().back().request_id) == 1);
    CHECK(count_of(done.err, team.api.token()) == 0);
}

TEST_CASE("no secret is printed, traced, journaled or shown in a process list")
{
    auto how = unlimited(100);
    how.faults = doks::sim::mixed_faults(0.1);
    how.latency = {2ms, 2ms};
    doks::test::scratch_folder place;
    how.journal_file = place.path() / "journal";
    account team(how);
    child process(team.fetch({"--trace", "--progress", "always", "--connections", "4"}));
    REQUIRE(team.api.wait_for_requests(20, 30s));
    auto listed = process.arguments();
    auto done = process.wait();
    REQUIRE(done.status == 0);
    auto everything = listed + done.out + done.err + content(how.journal_file);
    CHECK(everything.size() > 20'000);
    CHECK(count_of(everything, team.api.token()) == 0);
    for (const std::string& id : stored_ids(team.out())) {
        auto minted = minted_token(team.out() / (id + ".yaml"));
        REQUIRE(minted.size() > 10);
        CHECK(count_of(everything, minted) == 0);
    }
}
