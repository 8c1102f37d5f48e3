#include "cli/clusters/odd_names.hpp"
#include "cli/kubectl/kubectl_home.hpp"
#include "cli/plugin/plugin.hpp"

#include "cli/clusters/path_segment.hpp"
#include "support/kubectl.hpp"

#include <algorithm>
#include <random>
#include <set>

// Contexts of doctl's with names that are no plain file names, from the command line to kubectl.

using namespace cli_test;
namespace fs = std::filesystem;
using doks::cli::path_segment;
using doks::test::contains;
using doks::test::has_kubectl;
using doks::test::run_shell;
using strings = std::vector<std::string>;

namespace {

/// The odd names and so many random ones.
strings names_to_try(std::size_t random_ones)
{
    auto names = odd_names();
    std::mt19937_64 random(12);
    for (std::size_t count = 0; count < random_ones; ++count) names.push_back(random_name(random));
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

launch without_token(launch how)
{
    how.environment.erase("DIGITALOCEAN_TOKEN");
    return how;
}

/// A namespace listing by the kubectl of this account's user, who has more in the environment.
doks::test::program_end namespaces(const account& team, const fs::path& file, const std::string& variables = {})
{
    return run_shell("env -u DIGITALOCEAN_TOKEN HOME='" + team.path("").string() + "' " + variables + " '" +
                     doks::test::kubectl_program() + "' --kubeconfig '" + file.string() + "' get namespaces");
}

}

TEST_CASE("every name of a context that doctl takes is taken, alone and among all contexts")
{
    account team;
    const auto names = names_to_try(20);
    team.add_contexts(names);
    for (const auto& name : names) {
        CAPTURE(name);
        const auto listed = run(without_token(team.command({"clusters", "--context=" + name})));
        INFO(listed.err);
        CHECK(listed.status == 0);
    }
    const auto done = run(without_token(team.fetch({"--all-contexts"})));
    INFO(done.err);
    CHECK(done.status == 0);
    CHECK(count_of(done.out, "\n") == 3 * names.size());
    std::set<std::string> folders;
    for (const auto& each : fs::directory_iterator(team.out())) folders.insert(each.path().filename());
    CHECK(folders.size() == names.size());
    for (const auto& name : names) {
        CAPTURE(name);
        CHECK(folders.contains(path_segment(name)));
        CHECK(stored_ids(team.out() / path_segment(name)).size() == 3);
    }
    CHECK_FALSE(fs::exists(team.path("up")));
}

TEST_CASE("an entry that save --exec writes for a context of any name works in kubectl")
{
    if (!has_kubectl()) return;
    account team;
    const auto names = names_to_try(8);
    team.add_contexts(names);
    for (const auto& name : names) {
        CAPTURE(name);
        const auto file = team.path("config");
        fs::remove(file);
        const auto saved = run(without_token(team.command({"kubeconfig", "save", "cluster-1", "--exec",
            "--context=" + name, "--set-current-context", "--kubeconfig", file})));
        INFO(saved.err);
        REQUIRE(saved.status == 0);
        const auto listed = namespaces(team, file);
        INFO(listed.output);
        CHECK(contains(listed, "kube-system"));
    }
}

TEST_CASE("a context whose name no kubeconfig should hold is named before anything is minted, and the others are saved")
{
    account team;
    const strings odd{"a\nb", "x\xe2\x80\xaey"}; // a line end, and what turns the direction of writing
    team.add_contexts({odd[0], odd[1], "work"});
    for (const auto& name : odd) {
        const auto before = team.api.counts().minted;
        const auto one =
            run(without_token(team.command({"kubeconfig", "save", "cluster-1", "--context", name, "--exec"})));
        CAPTURE(one.err);
        CHECK(one.status == 2);
        CHECK(count_of(one.err, "context '") == 1);
        CHECK(team.api.counts().minted == before);
    }
    const auto all = run(without_token(team.command({"kubeconfig", "save", "--all", "--all-contexts", "--exec"})));
    INFO(all.err);
    CHECK(all.status == 1);
    CHECK(count_of(all.err, "context 'a\\x0ab': it has control or format characters") == 1);
    CHECK(count_of(all.err, "it has control or format characters") == 2);
    CHECK(contexts_of(team).size() == 3);
    CHECK(run(without_token(team.command({"clusters", "--context", "a\nb"}))).status == 0);
}

TEST_CASE("a context that cannot be used is named once among all contexts, and why")
{
    account team;
    fs::create_directories(team.path(".config/doctl"));
    const auto token = team.api.token();
    team.write(".config/doctl/config.yaml", "auth-contexts:\n  \"\": " + token + "\n  Twice: " + token +
                                                "\n  twice: " + token + "\n  work: " + token + "\n");
    for (const strings& command : {strings{"clusters", "--all-contexts"},
             strings{"kubeconfig", "fetch", "--all", "--all-contexts", "--out", team.out()}}) {
        const auto done = run(without_token(team.command(command)));
        INFO(done.err);
        CHECK(done.status == 1);
        CHECK(count_of(done.out, team.api.cluster_ids().front()) >= 1);
        CHECK(count_of(done.err, "it is there twice") == 1);
        CHECK(count_of(done.err, "remove one of the two") == 1);
        CHECK(count_of(done.err, "context '': no command line can hold its name") == 1);
        CHECK(count_of(done.err, "no API token is configured") == 0);
        CHECK(count_of(done.err, "the token's source") == 0);
    }
}

TEST_CASE("a context without a token fails alone among all contexts")
{
    account team;
    team.write_contexts({{"empty", "\"\""}, {"nested", "{token: dop_v1_nested}"}, {"work", team.api.token()}});
    const auto done = run(without_token(team.fetch({"--all-contexts"})));
    CHECK(done.status == 1);
    CHECK(count_of(done.out, "\"fetched\"") == 3);
    CHECK(count_of(done.err, "context 'empty': it holds no API token") == 1);
    CHECK(count_of(done.err, "context 'nested': it holds no API token") == 1);
    CHECK(count_of(done.err, "dop_v1") == 0);
}

TEST_CASE("DIGITALOCEAN_CONTEXT and DIGITALOCEAN_CONFIG decide whose clusters they are")
{
    account team;
    team.write_contexts({{"default", "dop_v1_refused"}, {"work", team.api.token()}});
    const auto list = [&](const std::string& variable, const std::string& value) {
        auto how = without_token(team.command({"clusters"}));
        how.environment[variable] = value;
        return run(how);
    };
    CHECK(list("NOTHING", "x").status == 1);
    CHECK(list("DIGITALOCEAN_CONTEXT", "Work").status == 0);
    const auto unknown = list("DIGITALOCEAN_CONTEXT", "other");
    CHECK(unknown.status == 2);
    CHECK(count_of(unknown.err, "DIGITALOCEAN_CONTEXT") == 1);
    CHECK(
        list("DIGITALOCEAN_CONFIG", team.write("other.yaml", "access-token: " + team.api.token() + "\n")).status == 0);
    const auto missing = list("DIGITALOCEAN_CONFIG", team.path("missing.yaml"));
    CHECK(missing.status == 2);
    CHECK(count_of(missing.err, "DIGITALOCEAN_CONFIG") == 1);
    CHECK(run(without_token(team.command({"clusters", "--context", "WORK"}))).status == 0);
}

TEST_CASE("doctl's variables given to save --exec hold for kubectl without them")
{
    if (!has_kubectl()) return;
    account team;
    team.write_contexts({{"default", "dop_v1_refused"}, {"work", "dop_v1_refused_too"}});
    fs::create_directories(team.path("xdg/doctl"));
    const auto text = "context: work\nauth-contexts:\n  work: " + team.api.token() + "\n";
    const auto other = team.write("other.yaml", text);
    team.write("xdg/doctl/config.yaml", text);
    const std::vector<std::map<std::string, std::string>> ways{{{"DIGITALOCEAN_CONFIG", other}},
        {{"DIGITALOCEAN_CONFIG", fs::relative(other)}}, {{"XDG_CONFIG_HOME", team.path("xdg")}},
        {{"DIGITALOCEAN_CONFIG", other}, {"DIGITALOCEAN_CONTEXT", "work"}}};
    for (const auto& way : ways) {
        CAPTURE(way.begin()->second);
        const auto file = team.path("config");
        fs::remove(file);
        auto how = without_token(
            team.command({"kubeconfig", "save", "cluster-1", "--exec", "--set-current-context", "--kubeconfig", file}));
        for (const auto& [name, value] : way) how.environment[name] = value;
        const auto saved = run(how);
        INFO(saved.err);
        REQUIRE(saved.status == 0);
        for (const char* variables : {"", "DIGITALOCEAN_CONTEXT=default", "DIGITALOCEAN_TOKEN=dop_v1_refused"}) {
            const auto listed = namespaces(team, file, variables);
            INFO(listed.output);
            CHECK(contains(listed, "kube-system"));
        }
    }
}
