#include "cli/clusters/odd_names.hpp"
#include "cli/kubectl/exec_plugin.hpp"
#include "cli/plugin/exec_credential.hpp"
#include "cli/thrown.hpp"
#include "support/scratch.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>

// The plugin's JSON and its entry in a kubeconfig: values in, texts out, and back.

using namespace std::chrono_literals;
using namespace doks::cli;
using cli_test::holds;
using cli_test::usage_fault;

namespace {

constexpr auto beta = "client.authentication.k8s.io/v1beta1";

/// A kubeconfig with this user, which expires then.
doks::kubeconfig config_of(const std::string& user, std::chrono::system_clock::time_point expires)
{
    doks::kubeconfig_metadata from;
    from.expires_at = expires;
    return doks::kubeconfig(
        "apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: 'https://c.example'}}]\n"
        "users: [{name: u, user: " +
            user + "}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n",
        from);
}

boost::json::object parsed(const doks::secret_bytes& text)
{
    return boost::json::parse(std::string_view(text.data(), text.size())).as_object();
}

/// An environment that holds these variables only.
environment variables(std::map<std::string, std::string> values)
{
    return [values = std::move(values)](const std::string& name) -> std::optional<std::string_view> {
        const auto found = values.find(name);
        if (found == values.end()) return std::nullopt;
        return found->second;
    };
}

}

TEST_CASE("kubectl is told to ask again a margin ahead of the expiry, and sooner if that is past")
{
    const auto now = std::chrono::system_clock::time_point(1'800'000'000s);
    const auto token = config_of("{token: abc}", now + 1h);
    CHECK(ask_again_at(token, 12min, now) == now + 48min);
    CHECK(ask_again_at(token, 12min, now + 50min) == now + 55min);
    CHECK(ask_again_at(token, 12min, now + 59min) == now + 59min + 30s);
    const auto answer = parsed(exec_credential(token, beta, ask_again_at(token, 12min, now)));
    CHECK(answer.at("status").at("expirationTimestamp") == "2027-01-15T08:48:00Z");
    CHECK(answer.at("status").at("token") == "abc");
}

TEST_CASE("every character of a token survives the JSON for kubectl")
{
    const auto strange = config_of(R"({token: "a\"b\\c/d"})", std::chrono::system_clock::now() + 1h);
    CHECK(parsed(exec_credential(strange, beta, std::nullopt)).at("status").at("token") == "a\"b\\c/d");
}

TEST_CASE("a kubeconfig that would run another program is no credential")
{
    const auto sso = config_of(
        "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: doctl}}", std::chrono::system_clock::now());
    CHECK_THROWS_AS(exec_credential(sso, beta, std::nullopt), cli_error);
}

TEST_CASE("the version that kubectl asks for is read from its JSON")
{
    CHECK(exec_api_version(std::nullopt) == beta);
    CHECK(exec_api_version(R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1"})") ==
          "client.authentication.k8s.io/v1");
    for (const char* info : {"", "[]", "1", R"({"kind":"ExecCredential","apiVersion":1})", R"({"kind":1})",
             R"({"kind":null,"apiVersion":"client.authentication.k8s.io/v1alpha1"})",
             R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1alpha1"})"}) {
        CAPTURE(info);
        CHECK(holds(usage_fault([&] { exec_api_version(info); }), "KUBERNETES_EXEC_INFO"));
    }
}

TEST_CASE("nulls in kubectl's JSON say nothing")
{
    for (const char* fields : {R"("kind":"ExecCredential","spec":null)", R"("kind":null)",
             R"("kind":null,"status":null)", R"("kind":"ExecCredential","spec":{"cluster":null,"interactive":null})"}) {
        CAPTURE(fields);
        CHECK(exec_api_version("{" + std::string(fields) + "}") == beta);
        CHECK(exec_api_version("{\"apiVersion\":null," + std::string(fields) + "}") == beta);
        CHECK(exec_api_version("{\"apiVersion\":\"client.authentication.k8s.io/v1\"," + std::string(fields) + "}") ==
              "client.authentication.k8s.io/v1");
    }
    CHECK(exec_api_version("null") == beta);
    CHECK(exec_api_version("{}") == beta);
}

TEST_CASE("doks reads out of a plugin's entry what it wrote into it, whatever the context's name")
{
    const std::string id = "b2e6c5b1-4d7a-4b3e-9a52-0c1d2e3f4a5b";
    std::mt19937_64 random(12);
    auto names = cli_test::odd_names();
    for (int count = 0; count < 2000; ++count) names.push_back(cli_test::random_name(random));
    for (const auto& name : names) {
        CAPTURE(name);
        global_options global;
        global.contexts.names = {name};
        const auto entry = credential_plugin("doks", id, 15min, global, variables({{"HOME", "/home/ada"}}));
        CHECK_NOTHROW(require_runnable(entry, id, global.contexts));
        CHECK(entry.environment.empty());
    }
    global_options global;
    CHECK_THROWS_AS(
        require_runnable(credential_plugin("doks", "prod", {}, global, variables({})), "prod", {}), doks::failure);
    const auto entry = credential_plugin("doks", id, {}, global, variables({}));
    CHECK_THROWS_AS(require_runnable(entry, id, {{"work"}}), doks::failure);
}

TEST_CASE("a plugin's entry with a context names doctl's configuration where kubectl would look elsewhere")
{
    using pairs = std::vector<std::pair<std::string, std::string>>;
    global_options global;
    const auto environment_of = [&](std::map<std::string, std::string> values) {
        values["HOME"] = "/home/ada";
        return credential_plugin("doks", "id", {}, global, variables(std::move(values))).environment;
    };
    CHECK(environment_of({{"DIGITALOCEAN_CONFIG", "/etc/doctl.yaml"}}).empty());
    global.contexts.names = {"work"};
    CHECK(environment_of({}).empty());
    CHECK(environment_of({{"XDG_CONFIG_HOME", "/home/ada/.config"}}).empty());
    CHECK(environment_of({{"XDG_CONFIG_HOME", "/srv"}}) == pairs{{"DIGITALOCEAN_CONFIG", "/srv/doctl/config.yaml"}});
    CHECK(environment_of({{"DIGITALOCEAN_CONFIG", "/etc/doctl.yaml"}}) ==
          pairs{{"DIGITALOCEAN_CONFIG", "/etc/doctl.yaml"}});
    CHECK(environment_of({{"DIGITALOCEAN_CONFIG", "doctl.yaml"}}) ==
          pairs{{"DIGITALOCEAN_CONFIG", std::filesystem::current_path() / "doctl.yaml"}});
}

TEST_CASE("a plugin's entry carries where the API is and whose token, and no token")
{
    global_options global;
    global.contexts.names = {"work"};
    global.ca_file = "ca.pem";
    global.timeout = 30s;
    const auto entry = credential_plugin("/usr/bin/doks", "id", 15min, global,
        variables({{"DIGITALOCEAN_API_URL", "https://api.example"}, {"DIGITALOCEAN_TOKEN", "dop_v1_0123"}}));
    CHECK(entry.api_version == beta);
    CHECK(entry.command == "/usr/bin/doks");
    const auto here = std::filesystem::current_path() / "ca.pem";
    CHECK(entry.arguments == std::vector<std::string>{"credential", "id", "--expiry", "15m", "--api-url",
                                 "https://api.example", "--context", "work", "--ca-file", here, "--timeout", "30s"});
    CHECK(entry.environment.empty());
    const auto bare = credential_plugin("doks", "id", std::nullopt, {}, variables({}));
    CHECK(bare.arguments == std::vector<std::string>{"credential", "id"});
}

TEST_CASE("a program is found by the name that it was called by, in whichever directory kubectl runs it")
{
    doks::test::scratch_folder place;
    const auto bin = place.path() / "bin";
    const auto decoy = place.path() / "decoy";
    std::filesystem::create_directories(bin);
    std::filesystem::create_directories(decoy / "doks");
    std::ofstream(bin / "doks") << "#!/bin/sh\n";
    std::filesystem::permissions(bin / "doks", std::filesystem::perms(0700));
    std::filesystem::create_symlink(bin / "doks", place.path() / "link");
    const auto path = decoy.string() + ":" + bin.string();
    CHECK(path_of_program("doks", variables({{"PATH", path}})) == bin / "doks");
    CHECK(path_of_program(place.path() / "link", variables({})) == place.path() / "link");
    const auto self = std::filesystem::read_symlink("/proc/self/exe");
    CHECK(path_of_program("no-such-program", variables({{"PATH", path}})) == self);
    CHECK(path_of_program("./no/such/program", variables({{"PATH", path}})) == self);
    CHECK(path_of_program("doks", variables({})) == self);
}

TEST_CASE("a path that goes back from a link stays as it is")
{
    global_options global;
    global.token_file = "link/../token";
    const auto entry = credential_plugin("doks", "id", {}, global, variables({}));
    CHECK(entry.arguments.back() == std::filesystem::current_path() / "link/../token");
}
