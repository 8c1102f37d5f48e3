#include "cli/account.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

// `kubeconfig show` and `clusters` in processes of their own, against the simulator.

using namespace cli_test;
using doks::sim::fault;
using doks::sim::fault_kind;

TEST_CASE("show prints the bytes exactly as received")
{
    account team;
    const std::string strange = "# a comment, CRLF and no last line end\r\napiVersion: v1\r\nkind: Config\r\n"
                                "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1/x'}}]   \r\n"
                                "users: [{name: u, user: {token: abc}}]\r\n"
                                "contexts: [{name: x, context: {cluster: c, user: u}}]\r\ncurrent-context: x";
    fault answer;
    answer.kind = fault_kind::status_html;
    answer.status = 200;
    answer.content_type = "application/yaml";
    answer.body = strange;
    team.api.script(answer);
    auto done = team.run({"kubeconfig", "show", team.api.cluster_ids().front()});
    CHECK(done.status == 0);
    CHECK(done.out == strange);
    CHECK(done.err.empty());
}

TEST_CASE("show finds a cluster by its name")
{
    account team;
    auto id = team.api.cluster_ids()[1];
    auto done = team.run({"kubeconfig", "show", team.api.cluster(id).name});
    CHECK(done.status == 0);
    CHECK(count_of(done.out, id) > 0);
    CHECK(team.api.counts().kubeconfig_requests == 1);
}

TEST_CASE("a name that no cluster or two clusters have is an error with its remedy")
{
    account team;
    auto none = team.run({"kubeconfig", "show", "missing"});
    CHECK(none.status == 1);
    CHECK(count_of(none.err, "doks: cluster 'missing': none of the 3 clusters") == 1);
    doks::sim::cluster_spec twin;
    twin.name = "twin";
    auto first = team.api.set_cluster(twin);
    auto second = team.api.set_cluster(twin);
    auto two = team.run({"kubeconfig", "show", "twin"});
    CHECK(two.status == 1);
    CHECK(count_of(two.err, first) == 1);
    CHECK(count_of(two.err, second) == 1);
    CHECK(two.out.empty());
    CHECK(team.api.counts().minted == 0);
}

TEST_CASE("show asks for the given expiry and type")
{
    account team;
    auto id = team.api.cluster_ids().front();
    CHECK(team.run({"kubeconfig", "show", id, "--expiry", "15m"}).status == 0);
    CHECK(count_of(team.api.journal().back().path, "expiry_seconds=900") == 1);
    CHECK(count_of(team.api.journal().back().path, "type=token") == 1);
    auto sso = team.run({"kubeconfig", "show", id, "--type", "sso"});
    CHECK(count_of(team.api.journal().back().path, "type=sso") == 1);
    CHECK(count_of(team.api.journal().back().path, "expiry_seconds") == 0);
}

TEST_CASE("show says when an expiry had no effect")
{
    account team;
    doks::sim::cluster_spec old;
    old.form = doks::sim::credential_form::certificate;
    auto id = team.api.set_cluster(old);
    auto done = team.run({"kubeconfig", "show", id, "--expiry", "15m"});
    CHECK(done.status == 0);
    CHECK(count_of(done.err, "--expiry had no effect") == 1);
}

TEST_CASE("clusters lists all pages, as a table and as JSON lines")
{
    account team(unlimited(450));
    auto table = team.run({"clusters"});
    CHECK(table.status == 0);
    CHECK(count_of(table.out, "\n") == 451);
    CHECK(table.out.starts_with("ID "));
    auto lines = team.run({"clusters", "--output", "json"});
    CHECK(lines.status == 0);
    CHECK(count_of(lines.out, "\n") == 450);
    auto first = boost::json::parse(lines.out.substr(0, lines.out.find('\n'))).as_object();
    CHECK(first["id"] == boost::json::value(team.api.cluster_ids().front()));
    CHECK(first["state"] == "running");
}

TEST_CASE("the API's address and the token come from the environment and from doctl's configuration")
{
    account team;
    launch how;
    how.arguments = {"clusters", "--ca-file", team.api.ca_file()};
    std::filesystem::create_directories(team.path("doctl"));
    team.write("doctl/config.yaml", "access-token: " + team.api.token() + "\n");
    how.environment = {{"DIGITALOCEAN_API_URL", team.api.url()}, {"XDG_CONFIG_HOME", team.path("")}};
    auto done = run(how);
    CHECK(done.status == 0);
    CHECK(count_of(done.out, "\n") == 4);
    how.environment.erase("XDG_CONFIG_HOME");
    how.arguments.insert(how.arguments.end(), {"--token-file", "-"});
    how.input = team.api.token() + "\n";
    CHECK(run(how).status == 0);
}

TEST_CASE("the program goes through HTTPS_PROXY, less NO_PROXY, and past it on request")
{
    account team;
    const auto with = [&](std::map<std::string, std::string> variables, std::vector<std::string> more) {
        more.insert(more.begin(), "clusters");
        auto how = team.command(std::move(more));
        how.environment.merge(variables);
        return run(how);
    };
    const std::string nothing_there = "http://127.0.0.1:1";
    const auto through = with({{"HTTPS_PROXY", nothing_there}}, {"--attempts", "1"});
    CHECK(through.status == 1);
    CHECK(count_of(through.err, "proxy") >= 1);
    CHECK(count_of(through.err, "127.0.0.1:1") >= 1);
    CHECK(with({{"https_proxy", nothing_there}}, {"--attempts", "1"}).status == 1);
    CHECK(with({{"HTTPS_PROXY", nothing_there}}, {"--proxy", "none"}).status == 0);
    CHECK(with({{"HTTPS_PROXY", nothing_there}, {"NO_PROXY", "127.0.0.1"}}, {}).status == 0);
    const auto odd = with({{"HTTPS_PROXY", "socks5://127.0.0.1:1"}}, {});
    CHECK(odd.status == 2);
    CHECK(count_of(odd.err, "HTTPS_PROXY") == 1);
}
