#include "cli/clusters/odd_names.hpp"
#include "cli/options/options.hpp"
#include "cli/thrown.hpp"

#include <doctest/doctest.h>

#include <random>

// The whole command line of doks: words in, options or a fault out.

using namespace std::chrono_literals;
using namespace doks::cli;
using cli_test::holds;
using cli_test::usage_fault;

namespace {

std::string fault(std::vector<std::string> arguments)
{
    return usage_fault([&] { parse_command_line(arguments); });
}

template <class Command> Command parsed(std::vector<std::string> arguments)
{
    return std::get<Command>(parse_command_line(std::move(arguments)).command);
}

}

TEST_CASE("global options stand before and after the command")
{
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--timeout", "5s", "clusters"},
             std::vector<std::string>{"clusters", "--timeout", "5s"},
             std::vector<std::string>{"clusters", "--timeout=5s"}})
        CHECK(parse_command_line(arguments).global.timeout == 5s);
    auto fetch = parse_command_line({"kubeconfig", "--trace", "fetch", "--all", "--output", "json", "--out", "d"});
    CHECK(fetch.global.trace == trace_mode::on);
    CHECK(fetch.global.output == output_form::json);
}

TEST_CASE("every global option is read")
{
    auto global =
        parse_command_line({"clusters", "--api-url", "https://api.example", "--token-file", "-", "--ca-file", "ca",
                               "--timeout", "5s", "--attempts", "3", "--connections", "8", "--rate-limit",
                               "250/6s,5000/360s", "--progress", "never", "--trace", "--output", "json"})
            .global;
    CHECK(global.api_url == "https://api.example");
    CHECK(global.token_file == "-");
    CHECK(global.ca_file == "ca");
    CHECK(global.attempts == 3u);
    CHECK(global.connections == 8u);
    CHECK(global.rate_limit == std::vector<doks::rate_window>{{250, 6s}, {5000, 360s}});
    CHECK(global.progress == progress_mode::never);
    auto none = parse_command_line({"clusters"}).global;
    CHECK_FALSE(none.rate_limit);
    CHECK(none.progress == progress_mode::automatic);
    CHECK(parse_command_line({"clusters", "--rate-limit", "off"}).global.rate_limit->empty());
}

TEST_CASE("each command has its own options")
{
    auto show = parsed<show_command>({"kubeconfig", "show", "prod", "--expiry", "15m"});
    CHECK(show.reference == "prod");
    CHECK(show.expiry == 15min);
    CHECK(show.type == doks::credential_type::token);
    CHECK(parsed<show_command>({"kubeconfig", "show", "--type", "sso", "x"}).type == doks::credential_type::sso);
    CHECK(parsed<show_command>({"kubeconfig", "show", "clusters"}).reference == "clusters");

    auto fetch = parsed<fetch_command>(
        {"kubeconfig", "fetch", "--ids", "-", "--out", "d", "--expiry", "24h", "--fresh-for", "12h"});
    CHECK(fetch.ids_file == "-");
    CHECK(fetch.out == "d");
    CHECK(fetch.fresh_for == 12h);
    CHECK_FALSE(parsed<fetch_command>({"kubeconfig", "fetch", "--all", "--out", "d"}).ids_file);

    CHECK(holds(parsed<help_command>({"kubeconfig", "fetch", "--help"}).text, "--fresh-for"));
    CHECK(holds(parsed<help_command>({"--help"}).text, "Exit status"));
    CHECK(holds(parsed<help_command>({"--version"}).text, "doks "));
}

TEST_CASE("an option that is repeatable takes one value each time")
{
    auto fetch = parsed<fetch_command>({"kubeconfig", "fetch", "--all", "--region", "nyc1", "--out", "d",
        "--region=ams3", "--tag", "prod", "--tag", "blue"});
    CHECK(fetch.wanted.regions == std::vector<std::string>{"nyc1", "ams3"});
    CHECK(fetch.wanted.tags == std::vector<std::string>{"prod", "blue"});
    CHECK(fetch.prune == prune_mode::off);
    CHECK(parsed<fetch_command>({"kubeconfig", "fetch", "--all", "--prune", "--out", "d"}).prune == prune_mode::half);
    CHECK(
        parsed<fetch_command>({"kubeconfig", "fetch", "--all", "--prune=all", "--out", "d"}).prune == prune_mode::all);
    auto line = parse_command_line({"kubeconfig", "show", "--context", "work", "prod"});
    CHECK(line.global.contexts.names == std::vector<std::string>{"work"});
    CHECK(std::get<show_command>(line.command).reference == "prod");
    auto several =
        parse_command_line({"--context", "a", "clusters", "--context", "b", "--context", "a"}).global.contexts;
    CHECK(several.names == std::vector<std::string>{"a", "b"});
    CHECK(several.several());
    CHECK(parse_command_line({"clusters"}).global.contexts.none());
    CHECK_FALSE(parse_command_line({"clusters", "--context", "a", "--context", "a"}).global.contexts.several());
    CHECK(parse_command_line({"clusters", "--all-contexts"}).global.contexts.several());
}

TEST_CASE("a broken command line names its fault")
{
    CHECK(holds(fault({}), "subcommand"));
    CHECK(holds(fault({"kubeconfig"}), "subcommand"));
    CHECK(holds(fault({"frobnicate"}), "frobnicate"));
    CHECK(holds(fault({"clusters", "--frobnicate"}), "--frobnicate"));
    CHECK(holds(fault({"clusters", "--timeout"}), "--timeout"));
    CHECK(holds(fault({"clusters", "--timeout", "90"}), "unit"));
    CHECK(holds(fault({"clusters", "--progress", "sometimes"}), "auto, always, never"));
    CHECK(holds(fault({"clusters", "--output", "yaml"}), "text, json"));
    CHECK(holds(fault({"clusters", "--attempts", "0"}), "--attempts"));
    CHECK(holds(fault({"clusters", "--connections", "many"}), "--connections"));
    CHECK(holds(fault({"clusters", "--rate-limit", "250/h"}), "--rate-limit"));
    CHECK(holds(fault({"clusters", "sim"}), "'sim'"));
}

TEST_CASE("a token on the command line is not taken, and not repeated")
{
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{"clusters", "--token", "dop_v1_0123"},
             std::vector<std::string>{"clusters", "--token=dop_v1_0123"}}) {
        auto said = fault(arguments);
        CHECK(holds(said, "no option '--token'"));
        CHECK_FALSE(holds(said, "dop_v1"));
    }
}

TEST_CASE("options that contradict each other are refused")
{
    CHECK(holds(fault({"kubeconfig", "fetch", "--out", "d"}), "neither --all nor --ids"));
    CHECK(holds(fault({"kubeconfig", "fetch", "--all", "--ids", "f", "--out", "d"}), "both --all and --ids"));
    CHECK(holds(fault({"kubeconfig", "fetch", "--all"}), "--out"));
    CHECK(holds(fault({"kubeconfig", "fetch", "--all", "--out", ""}), "--out"));
    CHECK(holds(fault({"kubeconfig", "show", "x", "--type", "sso", "--expiry", "1h"}), "--expiry with --type sso"));
    CHECK(holds(fault({"kubeconfig", "fetch", "--ids", "-", "--token-file", "-", "--out", "d"}), "standard input"));
    CHECK(holds(fault({"kubeconfig", "remove", "x", "--api-url", "https://x"}), "--api-url"));
    CHECK(holds(fault({"kubeconfig", "remove", "x", "--trace"}), "--trace"));
    CHECK(holds(fault({"kubeconfig", "remove", "x", "--token-file", "t"}), "--token-file"));
    CHECK(holds(fault({"--rate-limit", "off", "kubeconfig", "remove", "x"}), "--rate-limit"));
}

TEST_CASE("a selection or a pruning that would not mean what it says is refused with the reason")
{
    auto fetch_fault = [](std::vector<std::string> more) {
        more.insert(more.begin(), {"kubeconfig", "fetch", "--out", "d"});
        return fault(std::move(more));
    };
    CHECK(holds(
        fetch_fault({"--ids", "f", "--region", "nyc1"}), "--region with --ids: ids are fetched without a listing"));
    CHECK(holds(fetch_fault({"--ids", "f", "--tag", "prod"}), "--tag with --ids"));
    CHECK(holds(fetch_fault({"--all", "--region", ""}), "--region ''"));
    CHECK(holds(fetch_fault({"--all", "--prune=some"}), "--prune=some: invalid value"));
    for (const std::vector<std::string>& other :
        {std::vector<std::string>{"--ids", "f"}, {"--all", "--region", "nyc1"}, {"--all", "--tag", "prod"}}) {
        auto arguments = other;
        arguments.push_back("--prune");
        CHECK(holds(fetch_fault(arguments), "would remove files of clusters that were not asked about"));
    }
}

TEST_CASE("contexts that contradict something else are refused with the reason")
{
    CHECK(holds(fault({"clusters", "--context", "a", "--token-file", "t"}), "--token-file with --context"));
    CHECK(holds(fault({"clusters", "--all-contexts", "--token-file", "t"}), "--token-file with --all-contexts"));
    CHECK(holds(fault({"clusters", "--all-contexts", "--context", "a"}), "--context with --all-contexts"));
    CHECK(holds(fault({"kubeconfig", "show", "x", "--context", "a", "--context", "b"}), "give one --context"));
    CHECK(holds(fault({"kubeconfig", "show", "x", "--all-contexts"}), "give one --context"));
    CHECK(holds(fault({"kubeconfig", "fetch", "--ids", "f", "--all-contexts", "--out", "d"}), "--ids with several"));
    CHECK(holds(fault({"kubeconfig", "remove", "x", "--context", "a"}), "--context with doks kubeconfig remove"));
    CHECK(holds(fault({"kubeconfig", "remove", "x", "--all-contexts"}), "--all-contexts with doks kubeconfig remove"));
    CHECK(holds(fault({"clusters", "--context", ""}), "--context ''"));
}

TEST_CASE("every context's name is taken, in lower case as doctl does")
{
    std::mt19937_64 random(12);
    auto names = cli_test::odd_names();
    for (int count = 0; count < 2000; ++count) names.push_back(cli_test::random_name(random));
    for (const auto& name : names) {
        CAPTURE(name);
        const std::vector<std::string> once{name};
        CHECK(parse_command_line({"clusters", "--context=" + name}).global.contexts.names == once);
        if (name.starts_with('-')) continue;
        CHECK(parse_command_line({"clusters", "--context", name}).global.contexts.names == once);
    }
    CHECK(parse_command_line({"clusters", "--context", "Work", "--context", "work"}).global.contexts.names ==
          std::vector<std::string>{"work"});
}

TEST_CASE("a broken id, expiry or type is refused before anything is sent")
{
    for (const char* id : {"", ".", "..", "a/b", "a b"}) {
        CAPTURE(id);
        CHECK(holds(fault({"kubeconfig", "show", id}), "neither an id nor a name"));
    }
    for (const char* expiry : {"-1h", "1.5s", "500ms", "soon", "60"}) {
        CAPTURE(expiry);
        CHECK(holds(fault({"kubeconfig", "show", "x", "--expiry", expiry}), "--expiry"));
        CHECK(holds(fault({"kubeconfig", "fetch", "--all", "--out", "d", "--expiry", expiry}), "--expiry"));
    }
    CHECK(holds(fault({"kubeconfig", "show", "x", "--type", "basic"}), "token, sso"));
}

TEST_CASE("a plugin's options are read, and what kubectl would stumble over is refused")
{
    const std::string id = "b2e6c5b1-4d7a-4b3e-9a52-0c1d2e3f4a5b";
    const auto plain = parsed<credential_command>({"credential", id});
    CHECK(plain.id == id);
    CHECK(plain.expiry == 1h);
    CHECK(plain.cached == cache_mode::on);
    CHECK_FALSE(plain.cache);
    CHECK(parsed<credential_command>({"credential", id, "--expiry", "15m", "--cache", "d"}).cache == "d");
    CHECK(parsed<credential_command>({"credential", "--no-cache", id}).cached == cache_mode::off);
    CHECK(holds(fault({"credential", "prod"}), "it is no id"));
    CHECK(holds(fault({"credential"}), "ID"));
    CHECK(holds(fault({"credential", id, "--cache", "d", "--no-cache"}), "--cache with --no-cache"));
    CHECK(holds(fault({"credential", id, "--cache", ""}), "--cache ''"));
    CHECK(holds(fault({"credential", id, "--token-file", "-"}), "standard input"));
    CHECK(holds(fault({"credential", id, "--all-contexts"}), "give one --context"));
}

TEST_CASE("completion and man pages are asked for by name")
{
    CHECK(parsed<completion_command>({"completion", "zsh"}).of == shell::zsh);
    CHECK(holds(fault({"completion", "csh"}), "bash, zsh, fish"));
    CHECK(parsed<man_command>({"man", "kubeconfig", "fetch"}).words == std::vector<std::string>{"kubeconfig", "fetch"});
    CHECK(parsed<man_command>({"man"}).words.empty());
    CHECK(parsed<man_command>({"man", "--out", "d"}).out == "d");
    CHECK(holds(fault({"man", "clusters", "--out", "d"}), "no COMMAND"));
}

TEST_CASE("save's options are read")
{
    const auto save = parsed<save_command>({"kubeconfig", "save", "prod", "--kubeconfig", "f", "--alias", "p",
        "--set-current-context", "--expiry", "1h", "--exec", "--collision", "refuse"});
    CHECK(save.references == std::vector<std::string>{"prod"});
    CHECK(save.kubeconfig == "f");
    CHECK(save.options.alias == "p");
    CHECK(save.options.current == doks::current_context::set_to_first);
    CHECK(save.options.on_collision == doks::name_collision::refuse);
    CHECK(save.expiry == 1h);
    CHECK(save.as == saved_credential::plugin);
    const auto plain = parsed<save_command>({"kubeconfig", "save", "--all", "--region", "nyc1"});
    CHECK(plain.references.empty());
    CHECK(plain.wanted.regions == std::vector<std::string>{"nyc1"});
    CHECK(plain.options.current == doks::current_context::keep);
    CHECK_FALSE(plain.expiry.has_value());
    CHECK(plain.as == saved_credential::token);
}

TEST_CASE("save says what it cannot do")
{
    const auto save = [](std::vector<std::string> more) {
        more.insert(more.begin(), {"kubeconfig", "save"});
        return fault(std::move(more));
    };
    CHECK(holds(save({}), "no cluster was given"));
    CHECK(holds(save({"a", "--all"}), "both --all and clusters"));
    CHECK(holds(save({"a/b"}), "it holds a slash"));
    CHECK(holds(save({"a", "b", "--alias", "x"}), "--alias with several clusters"));
    CHECK(holds(save({"--all", "--set-current-context"}), "--set-current-context with --all"));
    CHECK(holds(save({"a", "--alias", ""}), "--alias ''"));
    CHECK(holds(save({"a", "--alias", "a\x1b[2J"}), "control characters"));
    CHECK(holds(save({"a", "--region", "nyc1"}), "it selects from all clusters"));
    CHECK(holds(save({"a", "--all-contexts"}), "does not tell which context's cluster"));
    CHECK(holds(save({"a", "--exec", "--token-file", "-"}), "cannot read this standard input again"));
    CHECK(holds(save({"a", "--kubeconfig", ""}), "--kubeconfig ''"));
    CHECK(holds(save({"a", "--collision", "overwrite"}), "choose one of rename, refuse, replace"));
}

TEST_CASE("remove refuses options for the API")
{
    CHECK(parsed<remove_command>({"kubeconfig", "remove", "a", "b"}).entries == std::vector<std::string>{"a", "b"});
    CHECK(holds(fault({"kubeconfig", "remove"}), "ENTRY"));
    CHECK(holds(fault({"kubeconfig", "remove", ""}), "entry ''"));
    for (const char* option : {"--api-url", "--token-file", "--context", "--ca-file"})
        CHECK(holds(fault({"kubeconfig", "remove", "a", option, "x"}), "it asks nothing of the API"));
    CHECK(holds(fault({"kubeconfig", "remove", "a", "--rate-limit", "off"}), "it asks nothing of the API"));
    CHECK(holds(fault({"kubeconfig", "remove", "a", "--trace"}), "it asks nothing of the API"));
}
