#include "cli/kubectl/kubectl_home.hpp"

#include "support/kubectl.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

// Clients in other languages use what `doks kubeconfig save` wrote into a file that has other entries. A client that is not
// installed is not tested, unless DOKS_REQUIRED_CLIENTS names it; `sh cmake/test.sh --clients` installs them.

using namespace cli_test;
using doks::test::program_end;
using doks::test::run_shell;
namespace fs = std::filesystem;

namespace {

/// What others left in the file: in both of YAML's styles, with a plugin that does not exist, and out of reach.
constexpr auto foreign_config = "# mine\n"
                                "apiVersion: v1\n"
                                "kind: Config\n"
                                "preferences: {}\n"
                                "clusters:\n"
                                "- {name: home, cluster: {server: \"https://192.0.2.1\"}} # the cellar\n"
                                "- cluster:\n"
                                "    insecure-skip-tls-verify: true\n"
                                "    server: https://192.0.2.2:6443\n"
                                "  name: work\n"
                                "contexts:\n"
                                "- name: home\n"
                                "  context: {cluster: home, user: me}\n"
                                "- context:\n"
                                "    cluster: work\n"
                                "    namespace: build\n"
                                "    user: worker\n"
                                "  name: work\n"
                                "current-context: home\n"
                                "users:\n"
                                "- name: me\n"
                                "  user: {token: 'not yours'}\n"
                                "- name: worker\n"
                                "  user:\n"
                                "    exec:\n"
                                "      apiVersion: client.authentication.k8s.io/v1beta1\n"
                                "      command: no-such-plugin\n"
                                "      interactiveMode: Never\n";

/// A program of the folder `clients`; its arguments are a kubeconfig and the contexts whose namespaces it lists.
struct other_client
{
    std::string name;
    std::string command;
    std::string look; ///< succeeds where the client is installed
};

std::string environment(const char* name, const char* otherwise)
{
    const char* value = std::getenv(name);
    return value && *value ? value : otherwise;
}

/// Debian's Python, for others in the path do not see Debian's packages.
other_client python_client()
{
    const auto python = "'" + environment("DOKS_PYTHON", "/usr/bin/python3") + "' ";
    return {"python3-kubernetes", python + "'" DOKS_CLIENTS "/list_namespaces.py'",
        python + "-c 'from importlib.util import find_spec; raise SystemExit(not find_spec(\"kubernetes\"))'"};
}

other_client node_client()
{
    return {"client-node", "node '" DOKS_CLIENTS "/list_namespaces.mjs'",
        "command -v node && test -d '" DOKS_CLIENTS "/node_modules/@kubernetes/client-node'"};
}

/// The client's language and library are installed.
bool is_here(const other_client& client)
{
    if (run_shell(client.look).status == 0) return true;
    const bool required = environment("DOKS_REQUIRED_CLIENTS", "").find(client.name) != std::string::npos;
    REQUIRE_MESSAGE(!required, client.name, " is not installed");
    MESSAGE("skipped: no ", client.name, "; `sh cmake/test.sh --clients` installs it");
    return false;
}

/// An account with three clusters that take tokens and one that takes a certificate, and a foreign kubeconfig.
struct household
{
    household()
    {
        doks::sim::cluster_spec old;
        old.name = "old";
        old.form = doks::sim::credential_form::certificate;
        team.api.set_cluster(old);
        fs::create_directories(team.path(".kube"));
        team.write(".kube/config", foreign_config);
    }

    /// Without anything of this process's environment, for that may name a proxy.
    program_end run(const other_client& client) const
    {
        std::string line = "env -i PATH=\"$PATH\" HOME='" + team.path("").string() + "' " + client.command;
        line += " '" + kube_config(team).string() + "'";
        for (const auto& each : saved()) line += " " + each;
        return run_shell(line);
    }

    std::vector<std::string> saved() const
    {
        std::vector<std::string> names;
        for (const auto& each : entries_of(team))
            if (!each.cluster_id.empty()) names.push_back(each.context);
        return names;
    }

    account team;
};

/// The line about this context, with a space after its last word.
std::string line_of(const std::string& output, const std::string& context)
{
    std::istringstream lines(output);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(context + ":")) return line + " ";
    return {};
}

/// The client lists the namespaces of every saved context.
void check_lists_all(const household& home, const other_client& client)
{
    const auto listed = home.run(client);
    MESSAGE(listed.output);
    CHECK(listed.status == 0);
    std::string contexts = "contexts:";
    for (const auto& each : contexts_of(home.team)) contexts += " " + each;
    CHECK(line_of(listed.output, "contexts") == contexts + " ");
    for (const auto& each : home.saved()) CHECK(count_of(line_of(listed.output, each), " kube-system ") == 1);
}

}

TEST_CASE("clients of others list the namespaces of every saved cluster, by token and by certificate")
{
    other_client client;
    SUBCASE("Python") { client = python_client(); }
    SUBCASE("Node") { client = node_client(); }
    if (!is_here(client)) return;
    household home;
    REQUIRE(on_file(home.team, "save", {"--all"}).status == 0);
    REQUIRE(home.saved().size() == 4);
    CHECK(count_of(content(kube_config(home.team)), "client-key-data:") == 1);
    check_lists_all(home, client);
}

TEST_CASE("clients of others use entries that doks is the plugin of")
{
    other_client client;
    SUBCASE("Python") { client = python_client(); }
    SUBCASE("Node") { client = node_client(); }
    if (!is_here(client)) return;
    household home;
    const auto token = home.team.write("token", home.team.api.token());
    REQUIRE(on_file(home.team, "save", {"--all", "--exec", "--token-file", token}).status == 0);
    REQUIRE(home.saved().size() == 4);
    CHECK(count_of(content(kube_config(home.team)), "exec:") == 5);
    const auto before = home.team.api.counts().minted;
    check_lists_all(home, client);
    CHECK(home.team.api.counts().minted == before + 4);
}
