#include "cli/plugin/plugin.hpp"

#include <sys/stat.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <set>
#include <thread>

// Which account the plugin's cached credentials belong to.

using namespace cli_test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

launch with_token(launch how, const std::string& token)
{
    how.environment["DIGITALOCEAN_TOKEN"] = token;
    return how;
}

/// In the place of the one that this gave before.
std::string rotated_token(account& team)
{
    doks::sim::token_spec spec;
    spec.label = "rotating";
    return team.api.add_token(std::move(spec));
}

fs::path salt_of(const account& team) { return cached(team, ".salt").at(0); }

fs::path place_of(const account& team, const std::string& id) { return cached(team, id + ".yaml").at(0).parent_path(); }

}

TEST_CASE("an account never gets the credential that another account's token minted")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto visitor = team.add_visitor();
    const auto owners = token_of(run(plugin(team, id)));
    const auto visitors = token_of(run(with_token(plugin(team, id), visitor)));
    CHECK(visitors != owners);
    CHECK(token_of(run(plugin(team, id))) == owners);
    CHECK(token_of(run(with_token(plugin(team, id), visitor))) == visitors);
    const auto unknown = run(with_token(plugin(team, id), "dop_v1_refused"));
    CHECK(unknown.status == 1);
    CHECK(unknown.out.empty());
    CHECK(team.api.counts().minted == 2);
}

TEST_CASE("a token file or a context that becomes another account's is another account")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto visitor = team.add_visitor();
    const auto check = [&](const launch& how, const auto& write) {
        write(team.api.token());
        const auto owners = token_of(run(how));
        write(visitor);
        CHECK(token_of(run(how)) != owners);
        write(team.api.token());
        CHECK(token_of(run(how)) == owners);
    };
    check(plugin(team, id, {"--token-file", team.path("token")}),
        [&](const std::string& token) { team.write("token", token + "\n"); });
    check(plugin(team, id, {"--context", "work"}), [&](const std::string& token) {
        team.write_contexts({{"work", token}});
    });
    auto of_doctl = plugin(team, id);
    of_doctl.environment.erase("DIGITALOCEAN_TOKEN");
    check(of_doctl, [&](const std::string& token) { team.write_contexts({{"default", token}}); });
    CHECK(team.api.counts().minted == 6);
}

TEST_CASE("a token that rotates costs one credential, and a hit no request even without an API")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    auto token = team.api.token();
    for (int rotation = 0; rotation < 5; ++rotation) {
        const auto next = rotated_token(team);
        const auto first = token_of(run(with_token(plugin(team, id), next)));
        team.api.revoke_token(token);
        const auto requests = team.api.counts().requests;
        for (int hit = 0; hit < 3; ++hit) CHECK(token_of(run(with_token(plugin(team, id), next))) == first);
        CHECK(team.api.counts().requests == requests);
        token = next;
    }
    CHECK(team.api.counts().minted == 5);
    auto away = with_token(plugin(team, id), token);
    away.environment["HTTPS_PROXY"] = "http://127.0.0.1:1";
    CHECK(run(away).status == 0);
}

TEST_CASE("a token that the API refuses renews nothing: the cached credential is used until its expiry, and no longer")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto how = plugin(team, id, {"--expiry", "15s"});
    const auto first = token_of(run(how));
    const auto minted = std::chrono::steady_clock::now();
    team.api.revoke_token(team.api.token());
    std::this_thread::sleep_until(minted + 12100ms);
    const auto refused = run(how);
    CHECK(token_of(refused) == first);
    CHECK(count_of(refused.err, "the API refused the API token") == 1);
    CHECK(count_of(refused.err, "HTTP status 401") == 1);
    const auto requests = team.api.counts().requests;
    const auto again = run(how);
    CHECK(token_of(again) == first);
    CHECK(count_of(again.err, "the API refused the API token") == 1);
    CHECK(team.api.counts().requests == requests);
    std::this_thread::sleep_until(minted + 15100ms);
    const auto expired = run(how);
    CHECK(expired.status == 1);
    CHECK(expired.out.empty());
    const auto next = token_of(run(with_token(how, rotated_token(team))));
    CHECK(next != first);
}

TEST_CASE(
    "a token that takes the old one's place during the call, and is refused, gets nothing that the old one minted")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    team.write("token", team.api.token());
    const auto how = plugin(team, id, {"--expiry", "15s", "--token-file", team.path("token")});
    const auto first = token_of(run(how));
    const auto minted = std::chrono::steady_clock::now();
    doks::sim::token_spec unscoped;
    unscoped.label = "restricted";
    unscoped.scopes = {"kubernetes:read"};
    const auto restricted = team.api.add_token(std::move(unscoped));
    std::this_thread::sleep_until(minted + 12100ms);
    team.api.set_latency({200ms, 200ms});
    doks::sim::fault refusal;
    refusal.kind = doks::sim::fault_kind::status;
    refusal.status = 401;
    team.api.script(refusal);
    const auto requests = team.api.counts().requests;
    child rotated(how);
    REQUIRE(team.api.wait_for_requests(requests + 1, 20s));
    team.write("token", restricted);
    const auto ended = rotated.wait();
    CHECK(team.api.counts().requests == requests + 2);
    CHECK(count_of(ended.err, "HTTP status 403") == 1);
    CHECK(ended.status == 1);
    CHECK(ended.out.empty());
    CHECK(cached(team, "." + id + ".refused").empty());
    team.write("token", team.api.token());
    CHECK(token_of(run(how)) != first);
}

TEST_CASE("a refusal that is not the API's own does not end the renewing")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto how = plugin(team, id, {"--expiry", "15s"});
    const auto first = token_of(run(how));
    std::this_thread::sleep_for(12100ms);
    doks::sim::fault page;
    page.kind = doks::sim::fault_kind::status_html;
    page.status = 403;
    page.body = "<html>Access denied by the corporate proxy</html>";
    team.api.script(page);
    const auto held_up = run(how);
    CHECK(token_of(held_up) == first);
    CHECK(count_of(held_up.err, "it cannot be renewed") == 1);
    CHECK(count_of(held_up.err, "the API refused the API token") == 0);
    CHECK(cached(team, "." + id + ".refused").empty());
    CHECK(token_of(run(how)) != first);
}

TEST_CASE("a clock that stepped back removes nothing of the cache that is valid")
{
    account team;
    const auto ids = team.api.cluster_ids();
    token_of(run(plugin(team, ids[0])));
    const auto index = place_of(team, ids[0]) / "index.jsonl";
    auto record = content(index);
    const auto year = record.find("\"written_at\":\"") + 14;
    REQUIRE(year < record.size());
    record.replace(year, 4, "2099");
    std::ofstream(index, std::ios::trunc) << record;
    token_of(run(plugin(team, ids[1])));
    CHECK(cached(team, ids[0] + ".yaml").size() == 1);
}

TEST_CASE("no token and no hash of one is in the cache, and its salt is private")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    token_of(run(plugin(team, id)));
    struct stat about
    {};
    REQUIRE(::stat(salt_of(team).c_str(), &about) == 0);
    CHECK((about.st_mode & 07777) == 0600);
    for (const auto& each : fs::recursive_directory_iterator(team.path(".cache"))) {
        CHECK(count_of(each.path().string(), team.api.token()) == 0);
        if (each.is_regular_file()) CHECK(count_of(content(each.path()), team.api.token()) == 0);
    }
}

TEST_CASE("a salt that is lost or damaged costs one credential")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    auto last = token_of(run(plugin(team, id)));
    std::size_t minted = 1;
    const auto check = [&] {
        const auto next = token_of(run(plugin(team, id)));
        CHECK(next != last);
        CHECK(token_of(run(plugin(team, id))) == next);
        CHECK(team.api.counts().minted == ++minted);
        last = next;
    };
    fs::remove(salt_of(team));
    check();
    std::ofstream(salt_of(team), std::ios::trunc) << "short";
    check();
    fs::resize_file(salt_of(team), 0);
    check();
}

TEST_CASE("32 plugins that find no cache, of two accounts, mint one credential each")
{
    auto options = unlimited();
    options.latency = {50ms, 100ms};
    account team(options);
    const auto id = team.api.cluster_ids().front();
    const auto visitor = team.add_visitor();
    std::vector<std::unique_ptr<child>> all;
    for (int count = 0; count < 16; ++count) {
        all.push_back(std::make_unique<child>(plugin(team, id)));
        all.push_back(std::make_unique<child>(with_token(plugin(team, id), visitor)));
    }
    std::set<std::string> tokens;
    for (const auto& each : all) tokens.insert(token_of(each->wait()));
    CHECK(tokens.size() == 2);
    CHECK(team.api.counts().minted == 2);
    CHECK(cached(team, ".salt").size() == 1);
}

TEST_CASE("accounts mint beside each other: a slow one delays no other")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    token_of(run(plugin(team, id)));
    const lock_holder minting(place_of(team, id) / ("." + id + ".lock"));
    fs::remove(cached(team, id + ".yaml").at(0));
    const auto ended = run(with_token(plugin(team, id), team.add_visitor()));
    token_of(ended);
    CHECK(ended.took < 5s);
    CHECK(ended.err.empty());
}

TEST_CASE("--no-cache forgets the cluster's credentials of every account")
{
    account team;
    const auto id = team.api.cluster_ids()[0];
    const auto neighbour = team.api.cluster_ids()[1];
    const auto visitor = team.add_visitor();
    team.add_contexts({"my team"});
    for (const auto& token : {team.api.token(), visitor}) token_of(run(with_token(plugin(team, id), token)));
    token_of(run(plugin(team, id, {"--context", "my team"})));
    const auto kept = token_of(run(plugin(team, neighbour)));
    CHECK(cached(team, id + ".yaml").size() == 3);
    token_of(run(plugin(team, id, {"--no-cache"})));
    CHECK(cached(team, id + ".yaml").empty());
    CHECK(token_of(run(plugin(team, neighbour))) == kept);
}

TEST_CASE("credentials of earlier tokens and versions leave the cache once they have expired")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    for (int rotation = 0; rotation < 3; ++rotation)
        token_of(run(with_token(plugin(team, id, {"--expiry", "5s"}), rotated_token(team))));
    const auto of_token = place_of(team, id);
    const auto standard = of_token.parent_path().parent_path();
    fs::rename(of_token, standard / "5s"); // the place of versions that did not look at the token
    const auto kept = token_of(run(plugin(team, id)));
    CHECK(cached(team, id + ".yaml").size() == 4);
    std::this_thread::sleep_for(5100ms);
    token_of(run(plugin(team, team.api.cluster_ids()[1])));
    CHECK(cached(team, id + ".yaml").size() == 1);
    for (const auto& each : fs::recursive_directory_iterator(standard))
        if (each.is_directory()) fs::last_write_time(each.path(), fs::file_time_type::clock::now() - 25h);
    token_of(run(plugin(team, team.api.cluster_ids()[2])));
    std::vector<std::string> left;
    for (const auto& each : fs::recursive_directory_iterator(standard))
        if (each.is_directory()) left.push_back(each.path().filename());
    CHECK(left.size() == 2);
    CHECK(token_of(run(plugin(team, id))) == kept);
}
