#include "cli/kubectl/kubectl_home.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

// `doks kubeconfig save` and `remove` in processes of their own, on files as people have them.

using namespace cli_test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;
using strings = std::vector<std::string>;

namespace {

/// The lines of a report.
std::vector<boost::json::object> lines_of(const std::string& out)
{
    std::vector<boost::json::object> lines;
    std::istringstream in(out);
    for (std::string line; std::getline(in, line);) lines.push_back(boost::json::parse(line).as_object());
    return lines;
}

std::string text(const boost::json::object& line, std::string_view key)
{
    return std::string(line.at(key).as_string());
}

}

TEST_CASE("save puts a cluster into the file that kubectl would use, and makes that file")
{
    account team;
    const auto id = team.api.cluster_ids().front();
    const auto done = on_file(team, "save", {id});
    INFO(done.err);
    REQUIRE(done.status == 0);
    CHECK(done.out == "OUTCOME  ENTRY              ID\nadded    do-nyc1-cluster-1  " + id + "\n");
    CHECK(count_of(done.err, kube_config(team).string() + ": 1 added, 0 updated, 0 unchanged") == 1);
    struct stat seen = {};
    REQUIRE(::stat(kube_config(team).c_str(), &seen) == 0);
    CHECK((seen.st_mode & 0777) == 0600);
    const auto entries = entries_of(team);
    REQUIRE(entries.size() == 1);
    CHECK(entries.front().cluster_id == id);
    CHECK_FALSE(entries.front().is_current);
    CHECK(count_of(content(kube_config(team)), "\n    token: ") == 1);
    CHECK(count_of(done.out + done.err, "token") == 0);
}

TEST_CASE("a cluster that is saved again gets a new credential under the same names")
{
    account team;
    write_config(team, foreign_config);
    REQUIRE(on_file(team, "save", {"cluster-1", "--set-current-context"}).status == 0);
    const auto first = content(kube_config(team));
    const auto again = on_file(team, "save", {"cluster-1"});
    REQUIRE(again.status == 0);
    CHECK(again.out.find("updated") != std::string::npos);
    CHECK(content(kube_config(team)) != first);
    CHECK(contexts_of(team) == strings{"home", "do-nyc1-cluster-1"});
    CHECK(doks::kubeconfig_file(kube_config(team)).current() == "do-nyc1-cluster-1");
}

TEST_CASE("foreign entries stay as they are, and remove gives back the very bytes")
{
    account team;
    write_config(team, foreign_config);
    REQUIRE(on_file(team, "save", {"--all"}).status == 0);
    const auto merged = content(kube_config(team));
    for (const auto line :
        {"# hands off\n", "} # the cellar\n", "  user: {token: 'not yours'}\n", "current-context: home\n"})
        CHECK(count_of(merged, line) == 1);
    CHECK(contexts_of(team).size() == 4);
    const auto requests = team.api.counts().requests;
    const auto done = remove(team, {"cluster-1", team.api.cluster_ids()[1], "do-fra1-cluster-3"});
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(done.out == "do-nyc1-cluster-1\ndo-ams3-cluster-2\ndo-fra1-cluster-3\n");
    CHECK(content(kube_config(team)) == foreign_config);
    CHECK(team.api.counts().requests == requests);
}

TEST_CASE("remove names the absent clusters, and removes the rest")
{
    account team;
    REQUIRE(on_file(team, "save", {"--all"}).status == 0);
    const auto done = remove(team, {"cluster-1", "nowhere"});
    CHECK(done.status == 1);
    CHECK(done.out == "do-nyc1-cluster-1\n");
    CHECK(count_of(done.err, "'nowhere': no such context, cluster or id in " + kube_config(team).string()) == 1);
    CHECK(remove(team, {"nowhere"}).out.empty());
    CHECK(contexts_of(team).size() == 2);
}

TEST_CASE("save reports each cluster in the order asked for, as JSON too")
{
    account team;
    const auto ids = team.api.cluster_ids();
    const auto done = on_file(team, "save", {"cluster-3", ids[0], "cluster-3", "--output", "json"});
    REQUIRE(done.status == 0);
    const auto lines = lines_of(done.out);
    REQUIRE(lines.size() == 2);
    CHECK(text(lines[0], "id") == ids[2]);
    CHECK(text(lines[0], "outcome") == "added");
    CHECK(text(lines[0], "entry") == "do-fra1-cluster-3");
    CHECK(lines[0].at("renamed") == false);
    CHECK(lines[0].at("error").is_null());
    CHECK_FALSE(text(lines[0], "request_id").empty());
    CHECK(text(lines[1], "id") == ids[0]);
    CHECK(contexts_of(team) == strings{"do-fra1-cluster-3", "do-nyc1-cluster-1"});
}

TEST_CASE("save takes an alias, and a file of its own")
{
    account team;
    const auto file = team.path("other");
    const auto done =
        on_file(team, "save", {"cluster-2", "--alias", "prod", "--set-current-context", "--kubeconfig", file.string()});
    REQUIRE(done.status == 0);
    CHECK_FALSE(fs::exists(kube_config(team)));
    const auto entries = doks::kubeconfig_file(file).entries();
    REQUIRE(entries.size() == 1);
    CHECK(entries.front().context == "prod");
    CHECK(entries.front().is_current);
}

TEST_CASE("an alias that another server has is renamed once, and by a cluster's name all of its contexts go")
{
    account team;
    REQUIRE(on_file(team, "save", {"cluster-1", "--alias", "prod"}).status == 0);
    const auto id = team.api.cluster_ids()[1];
    for (int i = 0; i < 3; ++i) {
        const auto done = on_file(team, "save", {"cluster-2", "--alias", "prod"});
        CHECK(done.status == 0);
        CHECK(count_of(done.err, "1 got another name") == 1);
    }
    CHECK(contexts_of(team) == strings{"prod", "prod-" + id.substr(0, 8)});
    REQUIRE(on_file(team, "save", {"cluster-1"}).status == 0);
    CHECK(contexts_of(team).size() == 2);
    REQUIRE(on_file(team, "save", {"cluster-1", "--alias", "second"}).status == 0);
    CHECK(contexts_of(team).size() == 3);
    CHECK(remove(team, {"second"}).status == 0);
    CHECK(contexts_of(team).front() == "prod");
    CHECK(remove(team, {"cluster-1"}).out == "prod\n");
    CHECK(contexts_of(team) == strings{"prod-" + id.substr(0, 8)});
}

TEST_CASE("a cluster that several contexts list is saved by the first of them")
{
    account team;
    team.add_contexts({"blue", "red"});
    const auto save = [&] {
        return on_file(team, "save", {"--all", "--context", "red", "--context", "blue", "--exec"});
    };
    const auto first = save();
    INFO(first.err);
    CHECK(first.status == 0);
    CHECK(count_of(first.out, "red      added") == 3);
    CHECK(count_of(first.out, "blue ") == 0);
    CHECK(count_of(save().out, "unchanged") == 3);
}

TEST_CASE("a closed standard output is reported, and what was written all the same")
{
    account team;
    auto how = team.command({"kubeconfig", "save", "cluster-1"});
    how.results = output_stream::closed;
    const auto done = run(how);
    CHECK(done.status == 1);
    CHECK(count_of(done.err, kube_config(team).string() + ": 1 added") == 1);
    CHECK(count_of(done.err, "standard output") == 1);
}

TEST_CASE("save goes by KUBECONFIG as kubectl does")
{
    account team;
    auto how = team.command({"kubeconfig", "save", "cluster-1"});
    how.environment["KUBECONFIG"] =
        ":" + team.write("first", "apiVersion: v1\nkind: Config\n") + ":" + team.path("second").string();
    REQUIRE(run(how).status == 0);
    CHECK(doks::kubeconfig_file(team.path("first")).entries().size() == 1);
    CHECK_FALSE(fs::exists(team.path("second")));
}

TEST_CASE("save --all takes a region, and says where nothing is selected")
{
    account team(unlimited(12));
    REQUIRE(on_file(team, "save", {"--all", "--region", "ams3"}).status == 0);
    const auto all = contexts_of(team);
    CHECK_FALSE(all.empty());
    CHECK(all.size() < 12);
    CHECK(std::all_of(all.begin(), all.end(), [](const auto& each) { return each.starts_with("do-ams3-"); }));
    const auto none = on_file(team, "save", {"--all", "--region", "nowhere"});
    CHECK(none.status == 0);
    CHECK(none.out.empty());
    CHECK(count_of(none.err, "no cluster to save") == 1);
}

TEST_CASE("a name that another account's cluster has is never overwritten")
{
    account blue, red;
    REQUIRE(on_file(blue, "save", {"--all"}).status == 0);
    const auto before = content(kube_config(blue));
    auto both = [&](strings more) {
        more.insert(more.begin(), {"kubeconfig", "save"});
        auto how = red.command(std::move(more));
        how.environment["HOME"] = blue.path("");
        return run(how);
    };
    SUBCASE("it gets another one")
    {
        const auto done = both({"--all", "--output", "json"});
        CHECK(done.status == 0);
        for (const auto& line : lines_of(done.out)) {
            CHECK(line.at("renamed") == true);
            CHECK(text(line, "entry").ends_with("-" + text(line, "id").substr(0, 8)));
        }
        CHECK(count_of(done.err, "3 got another name") == 1);
        CHECK(contexts_of(blue).size() == 6);
        const auto ambiguous = remove(blue, {"cluster-1"});
        CHECK(ambiguous.status == 1);
        CHECK(count_of(ambiguous.err, "fits several: ") == 1);
        CHECK(remove(blue, red.api.cluster_ids()).status == 0);
        CHECK(content(kube_config(blue)) == before);
    }
    SUBCASE("or is refused")
    {
        const auto done = both({"cluster-2", "--collision", "refuse"});
        CHECK(done.status == 1);
        CHECK(count_of(done.err, red.api.cluster_ids()[1]) == 1);
        CHECK(count_of(done.err, "`do-ams3-cluster-2` is another server's") == 1);
        CHECK(content(kube_config(blue)) == before);
    }
}

TEST_CASE("a name that fits two clusters removes and saves neither")
{
    account team;
    doks::sim::cluster_spec twin;
    twin.name = "cluster-1";
    twin.region = "ams3";
    team.api.set_cluster(twin);
    const auto before = minted(team);
    const auto saved = on_file(team, "save", {"cluster-1"});
    CHECK(saved.status == 1);
    CHECK(count_of(saved.err, "2 clusters have this name") == 1);
    CHECK(minted(team) == before);
    REQUIRE(on_file(team, "save", {"--all"}).status == 0);
    const auto removed = remove(team, {"cluster-1"});
    CHECK(removed.status == 1);
    CHECK(removed.out.empty());
    CHECK(count_of(removed.err, "fits several: ") == 1);
    CHECK(contexts_of(team).size() == 4);
    CHECK(remove(team, {"do-ams3-cluster-1"}).status == 0);
}

TEST_CASE("a cluster that was named has to be saved; the others are")
{
    account team;
    const std::string nowhere = "00000000-0000-4000-8000-000000000000";
    const auto done = on_file(team, "save", {nowhere, "cluster-1"});
    CHECK(done.status == 1);
    CHECK(count_of(done.out, "gone     -                  " + nowhere) == 1);
    CHECK(count_of(done.err, nowhere + ": GET ") == 1);
    CHECK(contexts_of(team) == strings{"do-nyc1-cluster-1"});
}

TEST_CASE("with --all the clusters that can be saved are saved")
{
    account team;
    doks::sim::cluster_spec young;
    young.state = "provisioning";
    team.api.set_cluster(young);
    const auto done = on_file(team, "save", {"--all"});
    CHECK(done.status == 0);
    CHECK(count_of(done.out, "not_ready  -") == 1);
    CHECK(contexts_of(team).size() == 3);
}
