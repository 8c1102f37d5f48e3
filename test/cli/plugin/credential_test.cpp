#include "cli/plugin/plugin.hpp"

#include <sys/stat.h>

#include <fstream>

// kubectl's plugin in a process of its own, against the simulator: what it prints, caches and forgets.

using namespace cli_test;
namespace fs = std::filesystem;
namespace sim = doks::sim;

namespace {

launch asked_for(launch how, const std::string& version)
{
    how.environment["KUBERNETES_EXEC_INFO"] =
        R"({"kind":"ExecCredential","apiVersion":")" + version + R"(","spec":{"interactive":false}})";
    return how;
}

mode_t mode_of(const fs::path& file)
{
    struct stat about
    {};
    REQUIRE(::stat(file.c_str(), &about) == 0);
    return about.st_mode & 07777;
}

}

TEST_CASE("a plugin prints the version that kubectl asks for, and nothing else on standard output")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto plain = answer_of(run(plugin(team, id)));
    CHECK(plain.at("kind") == "ExecCredential");
    CHECK(plain.at("apiVersion") == "client.authentication.k8s.io/v1beta1");
    for (const char* version : {"client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"})
        CHECK(answer_of(run(asked_for(plugin(team, id), version))).at("apiVersion") == version);
    const auto& status = plain.at("status").as_object();
    CHECK(team.api.cluster_of(std::string(status.at("token").as_string())) == id);
    CHECK(status.at("expirationTimestamp").as_string().ends_with("Z"));
    CHECK_FALSE(status.contains("clientKeyData"));
    CHECK(count_of(team.api.journal().back().path, "expiry_seconds=3600") == 1);
}

TEST_CASE("an error of the plugin is shown on standard error")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto old = run(asked_for(plugin(team, id), "client.authentication.k8s.io/v1alpha1"));
    CHECK(old.status == 2);
    CHECK(old.out.empty());
    CHECK(count_of(old.err, "v1alpha1") == 1);
    auto garbled = plugin(team, id);
    for (const char* info : {"{", "[]", R"({"kind":"Pod"})", R"({"kind":"ExecCredential","apiVersion":1})"}) {
        garbled.environment["KUBERNETES_EXEC_INFO"] = info;
        const auto refused = run(garbled);
        CHECK(refused.status == 2);
        CHECK(refused.out.empty());
    }
    CHECK(team.api.counts().requests == 0);
}

TEST_CASE("a certificate and its key are given as PEM")
{
    account team;
    sim::cluster_spec old;
    old.form = sim::credential_form::certificate;
    const auto id = team.api.set_cluster(old);
    const auto status = answer_of(run(plugin(team, id))).at("status").as_object();
    CHECK(status.at("clientCertificateData").as_string().starts_with("-----BEGIN CERTIFICATE-----\n"));
    CHECK(status.at("clientKeyData").as_string().find("PRIVATE KEY-----\n") != std::string::npos);
    CHECK_FALSE(status.contains("token"));
    CHECK(status.contains("expirationTimestamp"));
    CHECK(answer_of(run(plugin(team, id))).at("status").as_object() == status);
    CHECK(team.api.counts().minted == 1);
}

TEST_CASE("a cached credential needs no request, but the API token that minted it")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto first = token_of(run(plugin(team, id)));
    const auto requests = team.api.counts().requests;
    const auto again = run(plugin(team, id));
    CHECK(token_of(again) == first);
    CHECK(again.err.empty());
    CHECK(team.api.counts().requests == requests);
    const auto files = cached(team, id + ".yaml");
    REQUIRE(files.size() == 1);
    CHECK(mode_of(files.front()) == 0600);
    CHECK(mode_of(files.front().parent_path()) == 0700);
    MESSAGE(
        "a credential out of the cache takes ", std::chrono::duration<double, std::milli>(again.took).count(), " ms");
    auto without = plugin(team, id);
    without.environment.erase("DIGITALOCEAN_TOKEN");
    const auto nothing = run(without);
    CHECK(nothing.status == 2);
    CHECK(nothing.out.empty());
    CHECK(count_of(nothing.err, "DIGITALOCEAN_TOKEN") > 0);
}

TEST_CASE("a cache that was damaged is minted into anew")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto first = token_of(run(plugin(team, id)));
    for (const char* text : {"", "apiVersion: v1\nkind: Config\n", "\x81%"}) {
        std::ofstream(cached(team, id + ".yaml").front(), std::ios::binary) << text;
        CHECK(token_of(run(plugin(team, id))) != first);
    }
    for (const auto& each : fs::directory_iterator(cached(team, id + ".yaml").front().parent_path()))
        if (each.path().filename().native().find("index") != std::string::npos)
            std::ofstream(each.path(), std::ios::binary) << "\0{]garbage\n";
    CHECK(token_of(run(plugin(team, id))) != first);
    CHECK(team.api.counts().minted == 5);
    CHECK(run(plugin(team, id)).status == 0);
    CHECK(team.api.counts().minted == 5);
}

TEST_CASE("no credential is given for another context, token file, expiry or API")
{
    account team;
    account other;
    team.add_contexts({"one", "two"});
    const auto id = team.api.cluster_ids().front();
    sim::cluster_spec twin = team.api.cluster(id);
    other.api.set_cluster(twin);
    auto in_one_home = plugin(other, id);
    in_one_home.environment["HOME"] = team.path("");
    std::vector<launch> ways{plugin(team, id), plugin(team, id, {"--context", "one"}),
        plugin(team, id, {"--context", "two"}), plugin(team, id, {"--expiry", "2h"}),
        plugin(team, id, {"--token-file", team.write("a", team.api.token())}),
        plugin(team, id, {"--token-file", team.write("b", team.api.token())}), in_one_home};
    std::vector<std::string> tokens;
    for (const auto& each : ways) tokens.push_back(token_of(run(each)));
    for (std::size_t way = 0; way < ways.size(); ++way) CHECK(token_of(run(ways[way])) == tokens[way]);
    CHECK(team.api.counts().minted == ways.size() - 1);
    CHECK(other.api.counts().minted == 1);
}

TEST_CASE("without the cache another credential is minted, and the cached ones of that cluster are forgotten")
{
    account team;
    const auto id = team.api.cluster_ids()[0];
    const auto neighbour = team.api.cluster_ids()[1];
    token_of(run(plugin(team, id)));
    token_of(run(plugin(team, id, {"--expiry", "2h"})));
    const auto kept = token_of(run(plugin(team, neighbour)));
    CHECK(cached(team, id + ".yaml").size() == 2);
    const auto fresh = token_of(run(plugin(team, id, {"--no-cache"})));
    CHECK(team.api.counts().minted == 4);
    CHECK(cached(team, id + ".yaml").empty());
    CHECK(token_of(run(plugin(team, neighbour))) == kept);
    CHECK(token_of(run(plugin(team, id))) != fresh);
    CHECK(team.api.counts().minted == 5);
}

TEST_CASE("--no-cache removes nothing if no other credential could be minted")
{
    account team;
    const auto id = team.api.cluster_ids()[0];
    const auto cached_one = token_of(run(plugin(team, id)));
    auto refused = plugin(team, id, {"--no-cache"});
    refused.environment["DIGITALOCEAN_TOKEN"] = "dop_v1_refused";
    CHECK(run(refused).status == 1);
    CHECK(token_of(run(plugin(team, id))) == cached_one);
    CHECK(team.api.counts().minted == 1);
}

TEST_CASE("--forget, and another save --exec of a cluster, have kubectl's next call mint a credential")
{
    account team;
    const auto id = team.api.cluster_ids()[0];
    const auto neighbour = team.api.cluster_ids()[1];
    const auto first = token_of(run(plugin(team, id)));
    const auto kept = token_of(run(plugin(team, neighbour)));
    auto without_token = plugin(team, id, {"--forget"});
    without_token.environment.erase("DIGITALOCEAN_TOKEN");
    const auto forgotten = run(without_token);
    CHECK(forgotten.status == 0);
    CHECK(forgotten.out.empty());
    CHECK(count_of(forgotten.err, "forgot 1 cached credential") == 1);
    const auto second = token_of(run(plugin(team, id)));
    CHECK(second != first);
    CHECK(token_of(run(plugin(team, neighbour))) == kept);
    CHECK(run(team.command({"kubeconfig", "save", id, "--exec", "--kubeconfig", team.path("config")})).status == 0);
    CHECK(token_of(run(plugin(team, id))) != second);
    CHECK(count_of(run(team.command({"credential", "--forget"})).err, "forgot 2 cached credentials") == 1);
    CHECK(cached(team, neighbour + ".yaml").empty());
    CHECK(run(team.command({"credential"})).status == 2);
    CHECK(run(team.command({"credential", "--forget", "cluster-1"})).status == 2);
    for (const auto& unusable : {team.write("a-file", "text"), team.path("missing").string()}) {
        const auto refused = run(plugin(team, id, {"--forget", "--cache", unusable}));
        CHECK(refused.status == 1);
        CHECK(count_of(refused.err, unusable) >= 1);
    }
}

TEST_CASE("without a place for a cache each call mints, and says so; a cache that was named has to work")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    auto homeless = plugin(team, id);
    homeless.environment.erase("HOME");
    homeless.environment["XDG_CACHE_HOME"] = "not/absolute";
    const auto given = run(homeless);
    CHECK(token_of(given) != token_of(run(homeless)));
    CHECK(count_of(given.err, "each call mints a credential") == 1);
    auto blocked = plugin(team, id);
    blocked.environment["XDG_CACHE_HOME"] = team.write("file", "x");
    const auto minted = run(blocked);
    token_of(minted);
    CHECK(count_of(minted.err, "each call mints a credential") == 1);
    const auto named = run(plugin(team, id, {"--cache", team.path("file")}));
    CHECK(named.status == 1);
    CHECK(named.out.empty());
    token_of(run(plugin(team, id, {"--cache", team.path("own")})));
    CHECK(fs::exists(team.path("own")));
    CHECK(team.api.counts().minted == 4);
}

TEST_CASE("a trace of a plugin shows no secret")
{
    account team;
    const auto done = run(plugin(team, team.api.cluster_ids().front(), {"--trace"}));
    const auto token = token_of(done);
    CHECK(count_of(done.err, "GET ") > 0);
    CHECK(count_of(done.err, token) == 0);
    CHECK(count_of(done.err, team.api.token()) == 0);
}

TEST_CASE("an API that refuses a plugin is an error on standard error")
{
    account team;
    auto refused = plugin(team, team.api.cluster_ids().front());
    refused.environment["DIGITALOCEAN_TOKEN"] = "revoked";
    const auto denied = run(refused);
    CHECK(denied.status == 1);
    CHECK(denied.out.empty());
    const auto gone = run(plugin(team, "00000000-0000-4000-8000-00000000dead"));
    CHECK(gone.status == 1);
    CHECK(gone.out.empty());
    CHECK(cached(team, "00000000-0000-4000-8000-00000000dead.yaml").empty());
}
