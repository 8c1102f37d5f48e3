#include "cli/options/choices.hpp"
#include "cli/pages/completion.hpp"
#include "cli/pages/man_page.hpp"
#include "cli/thrown.hpp"
#include "support/kubectl.hpp"
#include "support/scratch.hpp"

#include <doctest/doctest.h>

#include <fstream>

// Completion scripts in the real bash, zsh and fish, and man pages in the real groff.

using namespace doks::cli;
using cli_test::holds;
using doks::test::run_shell;

namespace {

bool has(const std::string& program) { return run_shell("command -v " + program).status == 0; }

std::string written(const doks::test::scratch_folder& place, const std::string& name, const std::string& text)
{
    const auto file = place.path() / name;
    std::ofstream(file, std::ios::binary) << text;
    return file.string();
}

/// What a real bash makes of a line whose last word is being typed; one candidate a line.
class typed_in_bash
{
public:
    typed_in_bash()
        : script_(written(place_, "doks.bash", completion_script(shell::bash, syntax_of_command_line())))
    {
        for (const char* name : {"notes.txt", "two words"}) written(place_, name, "");
        std::filesystem::create_directory(place_.path() / "folder");
    }

    std::string operator()(const std::string& words) const
    {
        const auto drive = "cd '" + place_.path().string() + "'; source '" + script_ + "'; COMP_WORDS=(doks " + words +
                           "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _doks; printf '%s\n' \"${COMPREPLY[@]}\"";
        return run_shell("bash --norc -c " + in_shell_quotes(drive)).output;
    }

private:
    doks::test::scratch_folder place_;
    std::string script_;
};

const std::string& not_empty(const std::string& text)
{
    REQUIRE_FALSE(text.empty());
    return text;
}

}

TEST_CASE("every command and option is in each shell's completion and in a man page")
{
    const auto top = syntax_of_command_line();
    const auto bash = completion_script(shell::bash, top);
    const auto zsh = completion_script(shell::zsh, top);
    const auto fish = completion_script(shell::fish, top);
    std::size_t options = 0;
    for (const auto* command : flattened(top)) {
        const auto page = man_page(*command, top);
        CAPTURE(command->name());
        if (command != &top) {
            CHECK(holds(bash, "/" + command->words.back()));
            CHECK(holds(zsh, "_doks_" + command->name("_") + "() {"));
            CHECK(holds(fish, " -a " + command->words.back() + " -d "));
        }
        for (const auto& option : command->options) {
            CAPTURE(not_empty(option.name));
            CHECK_FALSE(option.description.empty());
            CHECK(holds(page, escaped(option.name, "-")));
            if (option.is_operand()) continue;
            ++options;
            CHECK(holds(bash, option.name));
            CHECK(holds(zsh, option.name + (option.is_flag() ? "[" : "=[")));
            CHECK(holds(fish, " -l " + option.name.substr(2) + " "));
        }
    }
    CHECK(flattened(top).size() == 11);
    CHECK(options > 40);
}

TEST_CASE("bash completes commands, options and their choices")
{
    const typed_in_bash typed;
    CHECK(typed("kube") == "kubeconfig\n");
    CHECK(typed("kubeconfig ''").starts_with("show\nfetch\nwatch\n"));
    CHECK(typed("kubeconfig fetch --pr") == "--prune\n--proxy\n--progress\n");
    CHECK(typed("kubeconfig show --type ''") == "token\nsso\n");
    CHECK(typed("--progress al") == "always\n");
    CHECK(typed("clusters --output ''") == names_of(output_choices, "\n") + "\n");
    CHECK(typed("completion ''").starts_with(names_of(shell_choices, "\n")));
    CHECK(typed("kubeconfig save --collision ''") == "rename\nrefuse\nreplace\n");
    CHECK(typed("credential id --no") == "--no-cache\n");
    CHECK_FALSE(holds(typed("credential ''"), "--region"));
    CHECK(holds(typed("credential ''"), "--context"));
}

TEST_CASE("bash takes a value for a value, also after an equals sign")
{
    const typed_in_bash typed;
    CHECK(typed("--output =") == "text\njson\n");
    CHECK(typed("--output = j") == "json\n");
    CHECK(typed("--context clusters kubeconfig sh") == "show\n");
    CHECK(typed("--context = clusters kubeconfig sh") == "show\n");
    CHECK(typed("--timeout ''") == "\n");
}

TEST_CASE("bash completes files where a file is asked for, and directories where one is")
{
    const typed_in_bash typed;
    CHECK(typed("kubeconfig fetch --ids no") == "notes.txt\n");
    CHECK(typed("--token-file two") == "two words\n");
    CHECK(typed("kubeconfig fetch --out ''") == "folder\n");
    CHECK(typed("credential id --cache = f") == "folder\n");
}

TEST_CASE("the shells read their scripts without complaint")
{
    const doks::test::scratch_folder place;
    const auto top = syntax_of_command_line();
    for (const auto& each : shell_choices) {
        const std::string program(each.name);
        if (!has(program)) {
            MESSAGE("skipped: there is no ", program);
            continue;
        }
        const auto checked =
            run_shell(program + " -n '" + written(place, program, completion_script(each.value, top)) + "'");
        CHECK(checked.output == "");
        CHECK(checked.status == 0);
    }
}

TEST_CASE("the man pages are set without a warning")
{
    if (!has("groff")) {
        MESSAGE("skipped: there is no groff");
        return;
    }
    const doks::test::scratch_folder place;
    const auto top = syntax_of_command_line();
    for (const auto* each : flattened(top)) {
        const auto file = written(place, man_page_file(*each), man_page(*each, top));
        CHECK(run_shell("groff -man -Tutf8 -ww -z '" + file + "'").output == "");
        const auto shown = run_shell("groff -man -Tascii -P-c -P-b -P-u '" + file + "'").output;
        CHECK(holds(shown, "NAME"));
        for (const auto& option : each->options) CHECK(holds(shown, option.name));
    }
    const auto fetch =
        run_shell("groff -man -Tascii -P-c -P-b -P-u '" + (place.path() / "doks-kubeconfig-fetch.1").string() + "'");
    CHECK(holds(fetch.output, "doks kubeconfig fetch --out DIR [OPTION...]"));
    CHECK(holds(fetch.output, R"({"id","outcome","attempts","status","error","request_id"})"));
}
