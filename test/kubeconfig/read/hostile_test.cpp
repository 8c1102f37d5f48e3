#include "kubeconfig/read/response_check.hpp"
#include "kubeconfig/samples.hpp"
#include "support/text.hpp"

#include <doks/kubeconfig.hpp>

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include <sys/inotify.h>
#include <unistd.h>

// A kubeconfig as the API's worst enemy would write it, judged and read in memory. Nothing that it names may be
// opened or run, and nothing may take long.

using doks::test::repeated;

namespace {

/// The reason for which it is refused, within a bound of time that no machine needs; empty if it was accepted.
std::string refusal_of(std::string_view bytes)
{
    const auto start = std::chrono::steady_clock::now();
    std::string reason;
    try {
        doks::kubeconfig(bytes).current();
    } catch (const doks::failure& why) {
        reason = why.detail();
        CHECK_FALSE(reason.empty());
    }
    doks::kube::why_not_kubeconfig(bytes);
    doks::kube::names_other_cluster(bytes, sample::id);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(10));
    return reason;
}

std::string user_with(std::string_view lines)
{
    return refusal_of(sample::around("    token: x\n" + std::string(lines)));
}
std::string cluster_with(std::string_view line)
{
    return refusal_of(
        sample::changed(sample::with_token(), "    server:", "    " + std::string(line) + "\n    server:"));
}

}

// A kubeconfig from the network must not make a process read a path of its choice.
TEST_CASE("references to files are refused by name")
{
    const std::string why = " refers to a file, which doks does not open";
    CHECK(user_with("    tokenFile: /etc/hostname\n") == "`users[0].user.tokenFile`" + why);
    CHECK(user_with("    client-certificate: /etc/hostname\n") == "`users[0].user.client-certificate`" + why);
    CHECK(user_with("    client-key: /etc/hostname\n") == "`users[0].user.client-key`" + why);
    CHECK(cluster_with("certificate-authority: /etc/hostname") == "`clusters[0].cluster.certificate-authority`" + why);
}

// Ignoring one of them would connect elsewhere, or as someone else, than kubectl would.
TEST_CASE("settings that cannot be expressed are refused by name")
{
    const std::string why = " is not supported by doks";
    CHECK(user_with("    auth-provider: {name: gcp, config: {cmd-path: /bin/true}}\n") ==
          "`users[0].user.auth-provider`" + why);
    CHECK(user_with("    as: root\n") == "`users[0].user.as`" + why);
    CHECK(user_with("    username: a\n") == "`users[0].user.username`" + why);
    CHECK(cluster_with("proxy-url: http://proxy") == "`clusters[0].cluster.proxy-url`" + why);
    CHECK(cluster_with("tls-server-name: elsewhere") == "`clusters[0].cluster.tls-server-name`" + why);
    CHECK(cluster_with("insecure-skip-tls-verify: true") ==
          "`clusters[0].cluster.insecure-skip-tls-verify` switches verification off");
    CHECK(cluster_with("insecure-skip-tls-verify: false").empty());
}

TEST_CASE("nothing is opened and nothing is run")
{
    const auto folder = std::filesystem::temp_directory_path() / ("doks-hostile-" + std::to_string(::getpid()));
    std::filesystem::create_directory(folder);
    const auto file = folder / "canary";
    std::fclose(std::fopen(file.c_str(), "w"));
    const int watch = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    ::inotify_add_watch(watch, folder.c_str(), IN_OPEN | IN_ACCESS | IN_CREATE);
    const std::string path = file.string();
    for (const auto* field : {"tokenFile: ", "client-certificate: ", "client-key: "})
        user_with("    " + (field + path) + '\n');
    cluster_with("certificate-authority: " + path);
    const auto touch = sample::changed(sample::with_exec(), "command: doctl", "command: touch");
    refusal_of(sample::changed(touch, "- kubernetes", "- " + path + ".made"));
    std::array<char, 4096> events{};
    CHECK(::read(watch, events.data(), events.size()) == -1);
    ::close(watch);
    std::filesystem::remove_all(folder);
}

// Names are printed on terminals, where an escape sequence can rewrite the screen.
TEST_CASE("names with control characters or turned writing are refused")
{
    const auto named = [](std::string_view name) {
        std::string text = sample::with_token();
        for (std::string_view where : {"  name: do-nyc1-blue\ncurrent", "current-context: do-nyc1-blue"})
            text = sample::changed(text, where, sample::changed(std::string(where), "do-nyc1-blue", name));
        return refusal_of(text);
    };
    CHECK(named("\"\\e[31mred\"") == "`current-context` holds control characters");
    CHECK(named("\"a\\nb\"") == "`current-context` holds control characters");
    CHECK(named("\"\\u202egpj\"") == "`current-context` holds control characters");
    CHECK(named("\"\\u009bm\"") == "`current-context` holds control characters");
    CHECK(named("grün").empty());
    CHECK(refusal_of(sample::changed(sample::with_token(), "name: do", "name: \x1b[2Jdo")) ==
          "it holds control characters");
    CHECK(refusal_of(sample::around("    token: \"a\\r\\nHost: b\"\n")) ==
          "`users[0].user.token` holds characters that cannot be sent");
}

// Refusing is safer than guessing: each message says what to change in the file.
TEST_CASE("what kubectl does not read either, or what cannot be kept, is refused with what to do")
{
    const std::string good = sample::with_token();
    const auto extra = [&](std::string_view line) { return refusal_of(good + "extra: " + std::string(line) + '\n'); };
    CHECK(extra("*a") == "it has an alias without an anchor before it");
    CHECK(extra("&a [*a]") == "it has an alias without an anchor before it");
    CHECK(extra("!!python/object x") == "it uses a tag such as `!!str`: take it out");
    CHECK(extra("! x") == "it uses a tag such as `!!str`: take it out");
    CHECK(extra("{<<: {a: b}}") == "it uses a merge key (`<<`): write out what it merges");
    CHECK(extra("{[a]: b}") == "it has a key that is not text");
    CHECK(extra("{a: b, a: c}") == "it has the same key twice: take one of them out");
    CHECK(refusal_of(good + "kind: Config\n") == "it has the same key twice: take one of them out");
    CHECK(refusal_of(good + "---\n" + good).find("keep another document in a file of its own") != std::string::npos);
    CHECK(refusal_of(good + "...\nkind: Config\n").find("kubectl reads nothing from line ") == 0);
    CHECK(extra("{a:}") == "not YAML: line 19: put a blank behind the colon");
    CHECK(extra("[a") == "not YAML: line 20");
    for (const std::string_view taken : {"&a b", "[&a [], *a]", "'a''b\n  c'", "|\n  b", "\"\n% b\""})
        CHECK(extra(taken).empty());
    CHECK(refusal_of("%YAML 1.1\n---\n" + good).empty());
    CHECK(refusal_of("\xEF\xBB\xBF" + good).empty());
}

// libyaml would stop at a different byte than the reader of another language.
TEST_CASE("bytes that are not text are refused")
{
    const std::string good = sample::with_token();
    CHECK(refusal_of("%\x81") == "not UTF-8");
    CHECK(refusal_of(good + "# \xC0\xAF") == "not UTF-8");
    CHECK(refusal_of(good + "# \xED\xA0\x80") == "not UTF-8");
    CHECK(refusal_of(good + "# \xF4\x90\x80\x80") == "not UTF-8");
    CHECK(refusal_of(good + "# \xE2\x82") == "not UTF-8");
    CHECK(refusal_of(good + std::string("# \0", 3)) == "it holds control characters");
    CHECK(refusal_of("\xFF\xFEk\0"
                     "i") == "not UTF-8");
    CHECK(refusal_of(std::string("k\0i\0", 4)) == "it holds control characters");
    CHECK(refusal_of(repeated(" ", (1u << 20) + 1)) == "larger than 1 MiB");
}

// A response of a megabyte must not take seconds, or the stack, of a service.
TEST_CASE("depth, number and length are bounded in time")
{
    CHECK(refusal_of(repeated("%TAG !a! b\n", 18)) == "it has more than 16 directives (lines that begin with `%`)");
    CHECK(refusal_of(repeated("%TAG !a! b\r", 18)).find("directives") != std::string::npos);
    CHECK(refusal_of(repeated("[", 10000)) == "it is nested more than 256 levels deep");
    CHECK(refusal_of(repeated("{a: ", 10000)) == "it is nested more than 256 levels deep");
    CHECK(refusal_of(repeated("- ", 100000)) == "it is nested more than 256 levels deep");
    CHECK(refusal_of(repeated("[", 1000000)) == "it holds more than 4,096 values");
    CHECK(refusal_of(repeated("[{", 500000)) == "it holds more than 4,096 values");
    CHECK(refusal_of("[" + repeated("a,", 500000)) == "it holds more than 4,096 values");
    CHECK(refusal_of(repeated("-\n", 500000)) == "it holds more than 4,096 values");
    for (std::string_view piece : {"? ", ":", "\"", "'", "#\n", "a\n", "a: b\n", "!", "&", "*", "\t", "\n", "|",
             "\"a\n", "a: >\n", "---\n", "...\n", "? a\n", "a: b: c\n", "\\", "@", "`", "[?", "[#\n", "\xC3\xA9"})
        CHECK_FALSE(refusal_of(repeated(piece, 1000000 / piece.size())).empty());
    CHECK_FALSE(refusal_of("\"" + repeated("\\x41", 250000) + "\"").empty());
    CHECK_FALSE(refusal_of("a: |\n" + repeated("  x\n", 250000)).empty());
}

// A connection may end anywhere. A prefix that reads as a complete kubeconfig must really be usable.
TEST_CASE("a kubeconfig cut off at any byte fails, or has all that it needs")
{
    for (const std::string& text :
        {sample::with_token(), sample::with_certificate(), sample::with_exec(), sample::as_json()}) {
        const auto first_of_user =
            text.find("\n  user:") == std::string::npos ? text.size() - 4 : text.find("\n  user:");
        std::size_t accepted = 0;
        for (std::size_t size = 0; size < text.size(); ++size) {
            if (!refusal_of(std::string_view(text).substr(0, size)).empty()) continue;
            ++accepted;
            CHECK(size > first_of_user);
        }
        MESSAGE(accepted << " of " << text.size() << " beginnings hold a credential");
    }
}

TEST_CASE("any byte of a kubeconfig may be any other without harm")
{
    const std::string good = sample::with_token();
    const std::string marks = std::string("\0\n\t\"'%&*!|>{}[],:#-?@`\\\x7f\x80\xff", 26) + "9";
    std::size_t accepted = 0;
    for (std::size_t at = 0; at < good.size(); at += 3)
        for (char mark : marks) {
            std::string text = good;
            text[at] = mark;
            accepted += refusal_of(text).empty() ? 1 : 0;
        }
    CHECK(accepted > 0);
}
