#include "cli/plugin/plugin.hpp"
#include "support/long_form.hpp"

#include <csignal>
#include <cstdlib>
#include <memory>
#include <set>
#include <thread>

// Many plugins at once over one cache, in processes of their own, some of them killed or stopped.

using namespace cli_test;
using namespace std::chrono_literals;
namespace sim = doks::sim;

namespace {

finished at_once(const launch& how)
{
    const auto ended = run(how);
    CHECK(ended.took < 10s);
    return ended;
}

}

TEST_CASE("32 plugins at once mint one credential")
{
    auto how = unlimited();
    how.latency = {50ms, 100ms};
    account team(how);
    const auto id = team.api.cluster_ids().front();
    std::vector<std::unique_ptr<child>> all;
    for (int count = 0; count < 32; ++count) all.push_back(std::make_unique<child>(plugin(team, id)));
    std::set<std::string> tokens;
    for (const auto& each : all) tokens.insert(token_of(each->wait()));
    CHECK(tokens.size() == 1);
    CHECK(team.api.counts().minted == 1);
    CHECK(team.api.counts().requests == 1);
}

TEST_CASE("a plugin that is killed while it mints gives way to the next one")
{
    auto how = unlimited();
    how.latency = {1s, 1s};
    account team(how);
    const auto id = team.api.cluster_ids().front();
    child first(plugin(team, id));
    REQUIRE(team.api.wait_for_requests(1, 20s));
    child second(plugin(team, id));
    std::this_thread::sleep_for(100ms);
    first.send(SIGKILL);
    CHECK(first.wait().status == 128 + SIGKILL);
    const auto ended = second.wait();
    token_of(ended);
    CHECK(ended.err.empty());
    CHECK(team.api.counts().requests == 2);
}

TEST_CASE(
    "a plugin that was stopped delays the others for a while, and no longer" * doctest::skip(!doks::test::is_long()))
{
    account team;
    const auto id = team.api.cluster_ids().front();
    token_of(run(plugin(team, id)));
    const auto place = cached(team, id + ".yaml").front().parent_path();
    std::filesystem::remove(place / (id + ".yaml"));
    const lock_holder stopped(place / ("." + id + ".lock"));
    const auto ended = run(plugin(team, id));
    token_of(ended);
    CHECK(count_of(ended.err, "going on without it") == 1);
    CHECK(ended.took > 29s);
    CHECK(ended.took < 40s);
}

TEST_CASE("a credential is renewed ahead of its expiry, and stays in use if it cannot be renewed")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto how = plugin(team, id, {"--expiry", "25s"});
    const auto first = token_of(run(how));
    const auto minted = std::chrono::steady_clock::now();
    CHECK(token_of(run(how)) == first);
    CHECK(team.api.counts().minted == 1);
    std::this_thread::sleep_until(minted + 20100ms);

    team.api.set_faults(sim::parse_faults("503=100%"));
    const auto away = at_once(how);
    CHECK(token_of(away) == first);
    CHECK(count_of(away.err, "using the cached credential") == 1);
    team.api.set_faults({});
    {
        const auto place = cached(team, id + ".yaml").front().parent_path();
        const lock_holder renewing(place / ("." + id + ".lock"));
        const auto ended = run(how);
        CHECK(token_of(ended) == first);
        CHECK(ended.err.empty());
        CHECK(ended.took < 3s);
    }
    CHECK(team.api.counts().minted == 1);
    const auto second = token_of(run(how));
    CHECK(second != first);
    CHECK(token_of(run(how)) == second);
    CHECK(team.api.counts().minted == 2);
}

TEST_CASE("a 404 removes no valid credential; the credential of a cluster that is gone is removed once it has expired")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto how = plugin(team, id, {"--expiry", "10s"});
    const auto first = token_of(run(how));
    std::this_thread::sleep_for(8200ms);
    team.api.remove_cluster(id);
    const auto still_valid = run(how);
    CHECK(token_of(still_valid) == first);
    CHECK(still_valid.err.find("using the cached credential") != std::string::npos);
    std::this_thread::sleep_for(2s);
    const auto gone = run(how);
    CHECK(gone.status == 1);
    CHECK(gone.out.empty());
    CHECK(cached(team, id + ".yaml").empty());
}
