#include "cli/watch/watched.hpp"
#include "support/long_form.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

// A watch as a service: when it is ready, how it ends, and what it mends.

using namespace cli_test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

launch service(const account& team, std::vector<std::string> more)
{
    auto how = watch(team, std::move(more));
    how.environment["NOTIFY_SOCKET"] = team.path("notify").string();
    return how;
}

/// Every request of the API fails with this status.
std::vector<doks::sim::fault> always(unsigned status)
{
    doks::sim::fault failing;
    failing.kind = doks::sim::fault_kind::status;
    failing.rate = 1;
    failing.status = status;
    return {failing};
}

/// The watch may write meanwhile; then the rest stays.
void remove_directory(const account& team)
{
    std::error_code not_empty;
    fs::remove_all(team.out(), not_empty);
}

bool holds(const account& team, const std::vector<std::string>& ids)
{
    for (const auto& id : ids)
        if (!fs::exists(team.out() / (id + ".yaml"))) return false;
    return true;
}

}

TEST_CASE("a token that is refused at the start ends a watch with status 1, and it was never ready")
{
    account team(unlimited(3));
    CHECK(run(team.fetch({"--expiry", "1h"})).status == 0);
    const auto minted = team.api.counts().minted;
    const auto list = team.write("ids", team.api.cluster_ids().front() + "\n");
    for (const auto& what : {std::vector<std::string>{"--all"}, std::vector<std::string>{"--ids", list}}) {
        fs::remove(team.path("notify"));
        manager systemd(team.path("notify"));
        auto how = service(team, what);
        how.arguments.insert(how.arguments.end(), {"--expiry", "1h", "--timeout", "1s"});
        how.environment["DIGITALOCEAN_TOKEN"] = "revoked";
        const auto ended = run(how);
        CHECK(ended.status == 1);
        CHECK(ended.took < 30s);
        CHECK(ended.took > 10s); // else a service manager soon stops starting it
        CHECK(ended.err.find("it was not ready: ") != std::string::npos);
        CHECK(systemd.heard().find("READY=1") == std::string::npos);
    }
    CHECK(stored_ids(team.out()).size() == 3);
    CHECK(team.api.counts().minted == minted);
}

TEST_CASE("an API that does not work yet is waited for: ready comes once it does")
{
    account team(unlimited(3));
    team.api.set_faults(always(503));
    const auto list = team.write("ids", team.api.cluster_ids().front() + "\n");
    for (const auto& what : {std::vector<std::string>{"--all"}, std::vector<std::string>{"--ids", list}}) {
        fs::remove(team.path("notify"));
        manager systemd(team.path("notify"));
        auto how = service(team, what);
        how.arguments.insert(how.arguments.end(), {"--expiry", "1h", "--timeout", "1s", "--attempts", "1"});
        child keeps(how);
        systemd.wait_for("EXTEND_TIMEOUT_USEC=");
        keeps.wait_for_err("503");
        CHECK(systemd.heard().find("READY=1") == std::string::npos);
        child never(watch(team, what));
        never.wait_for_err("503");
        never.send(SIGTERM);
        CHECK(never.wait(10s).status == 1);
        team.api.set_faults({});
        systemd.wait_for("READY=1\nSTATUS=");
        keeps.send(SIGTERM);
        CHECK(keeps.wait(10s).status == 0);
        team.api.set_faults(always(503));
    }
}

TEST_CASE("of several accounts one whose token is refused is named, and holds up no other")
{
    account team(unlimited(2));
    team.add_contexts({"good", "bad"});
    team.api.revoke_token(team.api.token("bad"));
    manager systemd(team.path("notify"));
    auto how = service(team, {"--all", "--context", "good", "--context", "bad", "--expiry", "1h"});
    how.environment.erase("DIGITALOCEAN_TOKEN");
    child keeps(how);
    systemd.wait_for("READY=1\nSTATUS=2 clusters kept, 2 credentials valid");
    keeps.wait_for_err("context 'bad'");
    keeps.send(SIGTERM);
    keeps.wait(10s);
}

TEST_CASE(
    "files that vanish, a directory that is removed or made again, a cluster missing from one listing: all come back")
{
    account team(unlimited(50));
    const auto ids = team.api.cluster_ids();
    manager systemd(team.path("notify"));
    child keeps(service(team, {"--all", "--expiry", "7d", "--rate-limit", "off"}));
    systemd.wait_for("READY=1\nSTATUS=50 clusters kept, 50 credentials valid");
    for (std::size_t i = 0; i < 50; i += 5) fs::remove(team.out() / (ids[i] + ".yaml"));
    CHECK(comes_true([&] { return holds(team, ids); }));
    remove_directory(team);
    CHECK(comes_true([&] { return fs::exists(team.out()) && holds(team, ids); }));
    remove_directory(team);
    fs::create_directory(team.out());
    fs::permissions(team.out(), fs::perms::owner_all);
    keeps.send(SIGHUP);
    CHECK(comes_true([&] { return holds(team, ids); }));
    const auto missing = team.api.cluster(ids[7]);
    auto list_again = [&, listed = count_of(keeps.err(), "fresh:")]() mutable {
        keeps.send(SIGHUP);
        ++listed;
        CHECK(comes_true([&] { return count_of(keeps.err(), "fresh:") >= listed; }));
    };
    team.api.remove_cluster(ids[7]);
    list_again();
    team.api.set_cluster(missing);
    list_again();
    CHECK(comes_true([&] { return holds(team, ids); }));
    keeps.send(SIGTERM);
    CHECK(keeps.wait(10s).status == 0);
    CHECK(team.api.counts().minted == 50);
    CHECK(stored_ids(team.out()).size() == 50);
    CHECK(stray_files(team.out()).empty());
}

TEST_CASE("a watch over a directory that takes nothing mints nothing, ends with status 1, and says why")
{
    account team(unlimited(5));
    child keeps(watch(team, {"--all", "--expiry", "5s", "--rate-limit", "off"}));
    keeps.wait_for_err("fresh: 5 clusters kept");
    remove_directory(team);
    std::ofstream(team.out()) << "a file\n";
    keeps.wait_for_out("\"failing\"");
    std::this_thread::sleep_for(1s);
    const auto minted = team.api.counts().minted;
    std::this_thread::sleep_for(6s);
    CHECK(team.api.counts().minted == minted);
    keeps.send(SIGTERM);
    const auto ended = keeps.wait(10s);
    CHECK(ended.status == 1);
    CHECK(ended.err.find("no valid credential of it is known to be in the directory") != std::string::npos);
}

TEST_CASE("readers see files that are whole, of their own cluster and valid, whatever happens to the directory")
{
    account team(unlimited(60));
    const auto ids = team.api.cluster_ids();
    child keeps(watch(team, {"--all", "--expiry", "16s", "--rate-limit", "off"}));
    keeps.wait_for_err("fresh: 60 clusters kept");
    const bool whole_day = doks::test::is_long();
    const auto until = std::chrono::steady_clock::now() + (whole_day ? 288s : 22s);
    readers all(team, ids);
    std::size_t round = 0, cycles = 0;
    for (; std::chrono::steady_clock::now() < until; ++round) {
        const auto& id = ids[round * 7 % ids.size()];
        if (round % 5 == 0) {
            remove_directory(team);
            std::error_code exists_again;
            if (round % 2 == 0) fs::create_directory(team.out(), exists_again);
            ++cycles;
        } else if (round % 5 == 2) {
            team.api.script(always(404).front(), "/v2/kubernetes/clusters/" + id, 2); // of one renewal
        } else {
            fs::remove(team.out() / (id + ".yaml"));
        }
        std::this_thread::sleep_for(400ms);
    }
    keeps.send(SIGHUP);
    CHECK(comes_true([&] { return fs::exists(team.out()) && holds(team, ids); }));
    all.stop();
    const auto minted = team.api.counts().minted;
    keeps.send(SIGTERM);
    CHECK(keeps.wait(10s).status == 0);
    MESSAGE(all.opened, " files opened over ", round, " disturbances, the directory removed ", cycles,
        " times: ", all.torn, " torn, ", all.missing, " missing for a moment, ", all.expired, " expired; ", minted,
        " minted");
    CHECK(all.torn == 0);
    CHECK(all.expired == 0);
}

TEST_CASE("a watch that is stopped before every credential is there ends with status 1, and names the missing ones")
{
    account team(unlimited(2));
    const auto ids = team.api.cluster_ids();
    doks::sim::fault stalled;
    stalled.kind = doks::sim::fault_kind::stall_first_byte;
    team.api.script(stalled, "/v2/kubernetes/clusters/" + ids[1], 100);
    child keeps(watch(team, {"--all", "--expiry", "1h"}));
    CHECK(comes_true([&] { return fs::exists(team.out() / (ids[0] + ".yaml")); }));
    keeps.send(SIGTERM);
    const auto ended = keeps.wait(10s);
    CHECK(ended.status == 1);
    CHECK(ended.err.find(ids[1] + ": no valid credential of it is known to be in the directory") != std::string::npos);
    CHECK(ended.err.find(ids[0]) == std::string::npos);
}

TEST_CASE("what the end of a watch still stores, or cannot, counts")
{
    for (const bool is_blocked : {false, true}) {
        auto how = unlimited(3);
        how.latency = {1s, 1s};
        account team(how);
        const auto ids = team.api.cluster_ids();
        std::string list;
        for (const auto& id : ids) list += id + "\n";
        child keeps(watch(team, {"--ids", team.write("ids", list), "--expiry", "1h"}));
        REQUIRE(team.api.wait_for_requests(4, 30s)); // nothing is answered yet
        if (is_blocked) {
            remove_directory(team);
            std::ofstream(team.out()) << "a file\n";
        }
        keeps.send(SIGTERM);
        const auto ended = keeps.wait(10s);
        CHECK(ended.status == (is_blocked ? 1 : 0));
        CHECK(holds(team, ids) == !is_blocked);
        CHECK(count_of(ended.err, "no valid credential of it is known to be in the directory") == (is_blocked ? 3 : 0));
        CHECK(count_of(ended.out, "\"not_stored\"") == (is_blocked ? 3 : 0));
    }
}

TEST_CASE("a watch that is stopped before its clusters are listed says so with status 1")
{
    auto how = unlimited(1);
    how.latency = {20s, 20s};
    account team(how);
    child keeps(watch(team, {"--all"}));
    REQUIRE(team.api.wait_for_requests(1, 30s));
    keeps.send(SIGTERM);
    const auto ended = keeps.wait(10s);
    CHECK(ended.status == 1);
    CHECK(ended.err.find("stopped before its clusters were listed") != std::string::npos);
}
