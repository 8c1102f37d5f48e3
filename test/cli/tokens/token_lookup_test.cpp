#include "cli/thrown.hpp"
#include "cli/tokens/doctl_config.hpp"
#include "cli/tokens/token_lookup.hpp"
#include "support/scratch.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <map>
#include <sstream>

// Where a token is looked for, and doctl's configuration: variables and files in, tokens or errors out.

using namespace doks::cli;
using cli_test::holds;
using cli_test::usage_fault;

namespace {

/// A process that has only these variables, standard input and doctl configuration.
struct place
{
    std::map<std::string, std::string> variables;
    std::istringstream input;
    doks::test::scratch_folder home;

    place() { variables["HOME"] = home.path(); }

    std::string write(const std::string& name, const std::string& text)
    {
        auto path = home.path() / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << text;
        return path;
    }

    environment lookup()
    {
        return [this](const std::string& name) -> std::optional<std::string_view> {
            auto found = variables.find(name);
            if (found == variables.end() || found->second.empty()) return std::nullopt;
            return found->second;
        };
    }

    piped_token pipe;

    void find(std::optional<std::string> token_file = {})
    {
        auto found = find_token(token_file, lookup(), input, pipe);
        CHECK(found.get() != nullptr);
    }

    /// The chosen contexts as `name=token`, one after the other.
    std::string contexts(context_choice chosen)
    {
        std::string all;
        for (const chosen_context& each : find_contexts(chosen, lookup()))
            all.append(each.name).append("=").append(each.token.reveal()).append(" ");
        return all;
    }

    std::string context_fault(context_choice chosen)
    {
        return usage_fault([&] { contexts(chosen); });
    }

    std::string fault(std::optional<std::string> token_file = {})
    {
        return usage_fault([&] { find(token_file); });
    }
};

std::string token_in_doctl(std::string_view yaml)
{
    auto token = doctl_config(yaml, "config.yaml").current_token();
    return token ? std::string(token->reveal()) : "none";
}

}

TEST_CASE("no token anywhere is an error that names every place and the remedy")
{
    place here;
    auto said = here.fault();
    for (const char* part : {"--token-file", "DIGITALOCEAN_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN", "doctl", "https://"})
        CHECK(holds(said, part));
    here.variables["DIGITALOCEAN_TOKEN"] = "";
    CHECK(holds(here.fault(), "there is none"));
}

TEST_CASE("the token is looked for in order")
{
    place here;
    here.write(".config/doctl/config.yaml", "access-token: broken token\n");
    CHECK(holds(here.fault(), "doctl"));
    here.variables["DIGITALOCEAN_ACCESS_TOKEN"] = "broken token";
    CHECK(holds(here.fault(), "DIGITALOCEAN_ACCESS_TOKEN"));
    here.variables["DIGITALOCEAN_TOKEN"] = "broken token";
    CHECK(holds(here.fault(), "DIGITALOCEAN_TOKEN:"));
    auto file = here.write("token", "broken token");
    CHECK(holds(here.fault(file), "--token-file '"));
    here.write("token", "\n dop_v1_0123 \n");
    here.find(file);
}

TEST_CASE("a token that cannot stand in a header is refused where it comes from, and not quoted")
{
    place here;
    here.variables["DIGITALOCEAN_TOKEN"] = "dop_v1_first\ndop_v1_second";
    auto said = here.fault();
    CHECK(holds(said, "DIGITALOCEAN_TOKEN"));
    CHECK(holds(said, "line break"));
    CHECK_FALSE(holds(said, "dop_v1"));
    here.variables["DIGITALOCEAN_TOKEN"] = "dop_v1\xc3\xa9";
    CHECK(holds(here.fault(), "another character"));
    auto file = here.write("token", "dop_v1_first\r\ndop_v1_second\n");
    CHECK(holds(here.fault(file), "line break"));
    here.write("token", " \n");
    CHECK(holds(here.fault(file), "holds no API token"));
    CHECK(holds(here.fault("/nonexistent"), "No such file"));
    CHECK(holds(here.fault(here.home.path()), "--token-file"));
}

TEST_CASE("a token comes from standard input")
{
    place here;
    here.input.str("dop_v1_0123\n");
    here.find("-");
    here.input.clear();
    here.input.str("");
    CHECK(holds(here.fault("-"), "standard input"));
}

TEST_CASE("doctl's configuration is found by XDG_CONFIG_HOME or HOME")
{
    std::map<std::string, std::string> variables;
    auto lookup = [&](const std::string& name) -> std::optional<std::string_view> {
        auto found = variables.find(name);
        if (found == variables.end()) return std::nullopt;
        return found->second;
    };
    CHECK(doctl_config_path(lookup).empty());
    variables["HOME"] = "/home/ada";
    CHECK(doctl_config_path(lookup) == "/home/ada/.config/doctl/config.yaml");
    variables["XDG_CONFIG_HOME"] = "/etc/ada";
    CHECK(doctl_config_path(lookup) == "/etc/ada/doctl/config.yaml");
}

TEST_CASE("doctl's current context decides which token it is")
{
    CHECK(token_in_doctl("access-token: dop_v1_a\n") == "dop_v1_a");
    CHECK(token_in_doctl("access-token: \"dop_v1_a\"\ncontext: default\n") == "dop_v1_a");
    CHECK(
        token_in_doctl("access-token: dop_v1_a\ncontext: work\nauth-contexts:\n  home: dop_v1_h\n  work: dop_v1_w\n") ==
        "dop_v1_w");
    CHECK(token_in_doctl("output: text\n") == "none");
    CHECK(token_in_doctl("access-token: \"\"\n") == "none");
    CHECK(token_in_doctl("access-token:\n") == "none");
    CHECK(token_in_doctl("") == "none");
}

TEST_CASE("a broken configuration of doctl is an error that quotes no value")
{
    for (std::string_view yaml : {"access-token: [dop_v1_a\n", "- dop_v1_a\n", "%\x81 dop_v1_a", "a: b\n%dop_v1_a\n",
             "access-token: dop_v1_a\naccess-token: dop_v1_b\n", "context: work\naccess-token: dop_v1_a\n",
             "context: work\nauth-contexts:\n  home: dop_v1_a\n"}) {
        CAPTURE(yaml);
        auto said = usage_fault([yaml] { doctl_config(yaml, "config.yaml").current_token(); });
        CHECK(holds(said, "'config.yaml'"));
        CHECK(holds(said, "doctl auth init"));
        CHECK_FALSE(holds(said, "dop_v1"));
    }
}

TEST_CASE("contexts are those of doctl, the default one first, in the order that was asked for")
{
    place here;
    here.write(".config/doctl/config.yaml",
        "auth-contexts:\n  work: dop_v1_w\n  home: dop_v1_h\ncontext: home\naccess-token: dop_v1_a\n");
    CHECK(here.contexts({{"work"}}) == "work=dop_v1_w ");
    CHECK(here.contexts({{"home", "default"}}) == "home=dop_v1_h default=dop_v1_a ");
    CHECK(here.contexts({{}, true}) == "default=dop_v1_a work=dop_v1_w home=dop_v1_h ");
    here.write(".config/doctl/config.yaml", "auth-contexts: {work: dop_v1_w}\naccess-token: \"\"\n");
    CHECK(here.contexts({{}, true}) == "work=dop_v1_w ");
}

TEST_CASE("a context that is unknown is refused with the names that there are, and without a token")
{
    place here;
    CHECK(holds(here.context_fault({{"work"}}), "--context: doctl's configuration"));
    here.write(".config/doctl/config.yaml", "access-token: dop_v1_a\nauth-contexts: {home: dop_v1_h}\n");
    auto said = here.context_fault({{"home", "work"}});
    CHECK(holds(said, "context 'work'"));
    CHECK(holds(said, "choose one of default, home"));
    CHECK_FALSE(holds(said, "dop_v1"));
    here.write(".config/doctl/config.yaml", "output: text\n");
    CHECK(holds(here.context_fault({{"work"}}), "has no context"));
    CHECK(holds(here.context_fault({{}, true}), "has no context"));
}

TEST_CASE("a context without a sendable token is refused, and is listed with its fault among all contexts")
{
    place here;
    here.write(".config/doctl/config.yaml", "auth-contexts: {home: dop_v1_h, work: \"\"}\n");
    CHECK(holds(here.context_fault({{"work"}}), "context 'work': it holds no API token"));
    const auto all = find_contexts({{}, true}, here.lookup());
    REQUIRE(all.size() == 2);
    CHECK(all[0].fault.empty());
    CHECK(holds(all[1].fault, "context 'work': it holds no API token"));
    CHECK(all[1].token.empty());
    here.write(".config/doctl/config.yaml", "auth-contexts: {home: dop_v1_h, work: dop v1}\n");
    CHECK(holds(here.context_fault({{"work"}}), "context 'work': the API token has a space"));
    CHECK(here.contexts({{"home"}}) == "home=dop_v1_h ");
}

TEST_CASE("contexts are found by any name, in lower case as doctl does")
{
    place here;
    for (const char* name : {"../up", "a/b", "two words", ".hidden", "me@example.test"}) {
        CAPTURE(name);
        here.write(".config/doctl/config.yaml", "auth-contexts: {\"" + std::string(name) + "\": dop_v1_x}\n");
        CHECK(here.contexts({{name}}) == std::string(name) + "=dop_v1_x ");
        CHECK(here.contexts({{}, true}) == std::string(name) + "=dop_v1_x ");
    }
    here.write(".config/doctl/config.yaml",
        "context: Work\nauth-contexts: {Work: dop_v1_w, \"\": dop_v1_x, Default: dop_v1_d}\n");
    CHECK(here.contexts({{"WORK"}}) == "work=dop_v1_w ");
    CHECK(here.contexts({{}, true}) == "work=dop_v1_w = "); // the one without a name is named as a fault
    CHECK(doctl_context_in_use(here.lookup()) == "work");
    here.find();
    here.write(".config/doctl/config.yaml", "context: work\nauth-contexts: {Work: dop_v1_w, work: dop_v1_x}\n");
    CHECK(holds(here.context_fault({{"work"}}), "twice"));
    CHECK(holds(here.fault(), "twice"));
    CHECK(find_contexts({{}, true}, here.lookup()).size() == 1);
}

TEST_CASE("DIGITALOCEAN_CONTEXT names the context where nothing on the command line says whose token it is")
{
    place here;
    const auto names = [&](global_options global = {}) { return contexts_in_use(global, here.lookup()).names; };
    using strings = std::vector<std::string>;
    global_options by_context, by_file, by_all;
    by_context.contexts.names = {"home"};
    by_file.token_file = "token";
    by_all.contexts.all = true;
    CHECK(names().empty());
    here.variables["DIGITALOCEAN_CONTEXT"] = "Work";
    CHECK(names() == strings{"work"});
    CHECK(contexts_in_use({}, here.lookup()).is_from_environment);
    CHECK(names(by_context) == strings{"home"});
    CHECK(names(by_file).empty());
    CHECK(names(by_all).empty());
    for (const char* name : {"DIGITALOCEAN_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"}) {
        here.variables = {{"HOME", here.home.path()}, {name, "dop_v1_x"}};
        here.variables["DIGITALOCEAN_CONTEXT"] = "work";
        CHECK(names() == strings{"work"});
        here.variables["DIGITALOCEAN_CONTEXT"] = "default";
        CHECK(names().empty());
    }
    here.variables.erase("DIGITALOCEAN_ACCESS_TOKEN");
    CHECK(names() == strings{"default"});
}

TEST_CASE("a configuration that DIGITALOCEAN_CONFIG names is read, or named as missing")
{
    place here;
    here.write(".config/doctl/config.yaml", "auth-contexts: {work: dop_v1_h}\n");
    here.variables["DIGITALOCEAN_CONFIG"] = here.write("other.yaml", "auth-contexts: {work: dop_v1_o}\n");
    CHECK(here.contexts({{"work"}}) == "work=dop_v1_o ");
    here.variables["DIGITALOCEAN_CONFIG"] = here.home.path() / "missing.yaml";
    CHECK(holds(here.context_fault({{"work"}}), "DIGITALOCEAN_CONFIG '"));
    CHECK(holds(here.fault(), "No such file"));
    here.variables["DIGITALOCEAN_CONFIG"] = here.home.path();
    CHECK(holds(here.fault(), "DIGITALOCEAN_CONFIG '"));
}
