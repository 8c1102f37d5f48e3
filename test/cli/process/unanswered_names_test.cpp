#include "cli/plugin/plugin.hpp"
#include "cli/watch/watched.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <string>
#include <vector>

// Where name servers do not answer: deadlines and signals hold, and what needs no network does not wait for it.

using namespace cli_test;
using namespace std::chrono_literals;

namespace {

launch without_answers(launch how)
{
    how.environment["LD_PRELOAD"] = DOKS_STUCK_RESOLVER;
    how.environment["ASAN_OPTIONS"] = "verify_asan_link_order=0";
    return how;
}

/// Through a proxy whose name is never answered.
launch through_nothing(launch how)
{
    how.arguments.insert(how.arguments.end(), {"--proxy", "http://proxy.stuck.test:3128"});
    return without_answers(std::move(how));
}

long milliseconds(std::chrono::nanoseconds of)
{
    return static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(of).count());
}

}

TEST_CASE("a command whose name servers do not answer ends within its timeout, and says so")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto config = team.path("config").string();
    const std::vector<std::vector<std::string>> commands{{"clusters"}, {"kubeconfig", "show", id},
        {"kubeconfig", "save", id, "--kubeconfig", config}, {"kubeconfig", "fetch", "--all", "--out", team.out()},
        {"credential", id}};
    std::chrono::nanoseconds longest{0};
    for (auto arguments : commands) {
        INFO(arguments.front());
        arguments.insert(arguments.end(), {"--timeout", "1s", "--api-url", "https://api.stuck.test"});
        launch how;
        how.arguments = std::move(arguments);
        how.environment = {{"DIGITALOCEAN_TOKEN", team.api.token()}, {"HOME", team.path("").string()}};
        const auto ended = run(without_answers(std::move(how)));
        CHECK(ended.status == 1);
        CHECK(count_of(ended.err, "api.stuck.test") + count_of(ended.err, "resolve") >= 1);
        CHECK(ended.took < 3s);
        longest = std::max(longest, ended.took);
    }
    MESSAGE("with --timeout 1s at most " << milliseconds(longest) << " ms");
}

TEST_CASE("the plugin returns a valid cached credential, though no name is resolved")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto minted = token_of(run(plugin(team, id)));
    std::chrono::nanoseconds longest{0};
    for (int turn = 0; turn < 10; ++turn) {
        const auto again = run(through_nothing(plugin(team, id)));
        CHECK(token_of(again) == minted);
        CHECK(again.took < 1s);
        longest = std::max(longest, again.took);
    }
    MESSAGE("10 turns: at most " << milliseconds(longest) << " ms");
}

TEST_CASE(
    "a watch that waits for a name to be resolved ends at the first signal within its bound, at the second at once")
{
    account team;
    for (const bool twice : {false, true}) {
        child running(through_nothing(watch(team, {"--all"})));
        std::this_thread::sleep_for(300ms);
        running.send(SIGTERM);
        if (twice) std::this_thread::sleep_for(100ms);
        if (twice) running.send(SIGTERM);
        const auto ended = running.wait(8s);
        CHECK(ended.took < (twice ? 2s : 7s));
        MESSAGE(
            (twice ? "two signals: " : "one signal: ") << milliseconds(ended.took) << " ms, status " << ended.status);
    }
}
