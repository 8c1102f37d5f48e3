#include "kubeconfig/file/documents.hpp"
#include "support/text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

// Merges and removals in texts, in memory: the very bytes, whatever the form of the document.

namespace {

constexpr std::string_view id = "11111111-2222-4333-8444-555555555555";
constexpr std::string_view other = "99999999-2222-4333-8444-555555555555";

const std::string one = texts::config("do-ams3-one", id);
const std::string two = texts::config("do-ams3-two", other);

/// Merges and takes out again; what it was in between.
std::string there_and_back(std::string_view text)
{
    const auto with = texts::merged(text, {one});
    CHECK(with.find("do-ams3-one-admin") != with.npos);
    CHECK_MESSAGE(texts::removed(with, {"do-ams3-one"}) == text, with);
    const auto both = texts::merged(with, {two});
    CHECK_MESSAGE(texts::removed(both, {std::string(other)}) == with, both);
    CHECK_MESSAGE(texts::removed(both, {"do-ams3-two", std::string(id)}) == text, both);
    CHECK_MESSAGE(texts::removed(texts::merged(text, {one, two}), {"do-ams3-one", "do-ams3-two"}) == text, both);
    CHECK(texts::merged(both, {one, two}) == both);
    return with;
}

constexpr std::string_view kubectls_empty = "apiVersion: v1\nclusters: null\ncontexts: null\ncurrent-context: \"\"\n"
                                            "kind: Config\npreferences: {}\nusers: null\n";

constexpr std::string_view commented = R"(# mine
kind: "Config"   # quoted
x-unknown: {a: [1, 2]}

clusters:        # two of them
  # production
  - name: 'p'    # the name first
    cluster:
      server: https://p.example.com:6443
      # a comment deeper
      certificate-authority: ca.pem

  # staging
  - cluster: {server: "https://s.example.com"}
    name: s
# before the contexts
contexts:
  - context: {cluster: p, user: u}
    name: p
current-context: p
users:
  - name: u
    user:
      token: |
        abc
        # no comment
# the end
)";

}

// A user who tries doks and removes it again should not see a difference in `git diff`.
TEST_CASE("a merge and a removal give back the very bytes, whatever the form of the lists")
{
    there_and_back(kubectls_empty);
    there_and_back(commented);
    there_and_back(sample::with_token());
    there_and_back(sample::with_exec());
    there_and_back(sample::with_certificate());
    for (std::string_view empty : {" []", " [ ]", " null", "  null", " ~", " null # mine", "", " # mine", " [] # mine"})
        for (std::string_view end : {"", "\n"}) {
            const std::string list(empty);
            there_and_back(
                "kind: Config\nclusters:" + list + "\ncontexts:" + list + "\n\nusers:" + list + std::string(end));
            there_and_back("users:" + list + "\n# c\ncontexts:" + list + "\nclusters:" + list + "\nkind: Config" +
                           std::string(end));
        }
    there_and_back("kind: Config");
    there_and_back("kind: Config\n# the end\n\n");
    there_and_back("---\nkind: Config\n...\n");
    there_and_back("  kind: Config\n  clusters:\n");
    there_and_back("clusters:\n- name: x\n  cluster: {}");
}

// Files that were edited on Windows.
TEST_CASE("line ends of the other kind stay, and new lines have them")
{
    const auto with = there_and_back(doks::test::with_crlf(commented));
    for (std::size_t at = with.find('\n'); at != with.npos; at = with.find('\n', at + 1)) CHECK(with[at - 1] == '\r');
    there_and_back(doks::test::with_crlf(kubectls_empty));
    there_and_back(doks::test::with_crlf("kind: Config\nclusters: []\nusers:\ncontexts: null"));
}

// JSON is YAML, and tools that write it read nothing else.
TEST_CASE("JSON stays JSON")
{
    there_and_back(R"({"kind":"Config","clusters":[],"contexts":[ ],"users":[]})");
    there_and_back("{\n  \"kind\": \"Config\",\n  \"clusters\": [\n    {\n      \"name\": \"c\"\n    }\n  ],\n"
                   "  \"contexts\": [],\n  \"users\": []\n}\n");
    const auto whole = there_and_back(sample::as_json());
    CHECK(whole.find('\'') == whole.npos);
    const auto absent = texts::merged("{}", {one});
    CHECK(texts::removed(absent, {"do-ams3-one"}) == R"({"clusters": [], "contexts": [], "users": []})");
    const auto null = texts::merged(R"({"clusters":null})", {one});
    CHECK(texts::removed(null, {"do-ams3-one"}) == R"({"clusters":[],"contexts": [],"users": []})");
}

// So that the next write by kubectl does not change it.
TEST_CASE("a merged entry looks as kubectl would write it")
{
    const auto text = texts::merged("", {texts::config("do-ams3-one", id)});
    CHECK(text == sample::changed(one, "current-context: do-ams3-one", "current-context: \"\""));
    CHECK(texts::removed(text, {"do-ams3-one"}) == kubectls_empty);
    CHECK(texts::merged("# only this\n", {}) == "# only this\n" + std::string(kubectls_empty));
    const auto with = texts::merged(commented, {one});
    CHECK(with.find("\n  - cluster:\n      certificate-authority-data: ") != with.npos);
    CHECK(with.find("    name: s\n  - cluster:") != with.npos);
}

// There is no rule in YAML for whom a comment belongs to; the indentation is the best hint.
TEST_CASE("a comment goes with the entry above it if it is indented deeper, and stays otherwise")
{
    const auto api = sample::changed(std::string(commented), "authority: ca.pem", "authority-data: QQ==");
    const auto named = sample::changed(
        sample::changed(api, "user: u}", "user: do-ams3-p-admin}"), "- name: u\n", "- name: do-ams3-p-admin\n");
    const auto ours = sample::changed(named, "token: |\n        abc\n",
        "client-key-data: a2V5\n      client-certificate-data: |\n        Y2VydA==\n");
    const auto without = texts::removed(ours, {"p"});
    CHECK(without.find("# production\n\n  # staging") != without.npos);
    CHECK(without.find("deeper") == without.npos);
    CHECK(without.find("no comment") == without.npos);
    CHECK(without.find("current-context: \"\"") != without.npos);
    CHECK(without.find("x-unknown: {a: [1, 2]}") != without.npos);
    CHECK(without.ends_with("# the end\n"));
    CHECK(without.find("users: null\n") != without.npos);
}

// This is what happens every hour to a file under version control.
TEST_CASE("a renewed credential changes its own line only")
{
    const std::string mine =
        "clusters:\n- cluster:\n    # mine\n    server: HTTPS://" + std::string(id) +
        ".K8S.ondigitalocean.com:443/\n  name: c\ncontexts:\n- context: {user: do-ams3-u-admin, cluster: c}\n"
        "  name: x\nusers:\n- name: do-ams3-u-admin\n  user:\n    token: \"old\"   # from March\n    extra: 1\n";
    std::vector<doks::merged_kubeconfig> outcome;
    const auto text = texts::merged(mine, {texts::config("do-ams3-one", id, "newer")}, &outcome);
    CHECK(outcome.front().change == doks::merge_change::updated);
    CHECK(outcome.front().context == "x");
    CHECK(text.find("    token: newer   # from March\n    extra: 1\n") != text.npos);
    CHECK(text.find("    # mine\n    server: HTTPS://") != text.npos);
    CHECK(text.find("ondigitalocean.com:443/\n    certificate-authority-data: ") != text.npos);
    const auto doctl = sample::changed(sample::with_exec(id), "      - cluster\n",
        "      - cluster\n      - kubeconfig\n      - exec-credential\n      - " + std::string(id) + '\n');
    const auto exec =
        texts::merged(text, {sample::changed(doctl, "      env:\n      - name: MODE\n        value: quiet\n", "")});
    CHECK(exec.find("token") == exec.npos);
    CHECK(exec.find("    extra: 1\n    exec:\n      apiVersion: ") != exec.npos);
    const auto back = texts::merged(exec, {texts::config("do-ams3-one", id, "newer")});
    CHECK(back.find("exec") == back.npos);
    CHECK(back.find("    extra: 1\n    token: newer\n") != back.npos);
}

// Replacing the first line alone would leave the rest as garbage.
TEST_CASE("multi-line and folded values are replaced whole")
{
    for (std::string_view form :
        {"|\n      old\n", ">-\n      old\n      er\n", "\"old\\\n      er\"\n", "\n      old\n", "null\n", "\n"}) {
        const std::string mine = "clusters:\n- cluster:\n    server: https://" + std::string(id) +
                                 ".k8s.ondigitalocean.com\n  name: c\ncontexts:\n- context: {user: u, cluster: c}\n"
                                 "  name: x\nusers:\n- name: u\n  user:\n    token: " +
                                 std::string(form) + "    z: 1\n";
        const auto text = texts::merged(mine, {one});
        CHECK_MESSAGE(text.find("    token: abc-def") != text.npos, text);
        CHECK_MESSAGE(text.find("\n    z: 1\n") != text.npos, text);
    }
}

// Where an edit cannot be made with certainty the file stays as it is.
TEST_CASE("anchors, comments and lists left of their key: an entry is put in, or the file is refused with its bytes")
{
    const auto back = [](const std::string& text) {
        return texts::removed(texts::merged(text, {one}), {"do-ams3-one"});
    };
    for (const std::string text : {"clusters: &e\n- name: a\n  cluster: {server: x}\nusers: []\ncontexts: []\n",
             "--- &r\nkind: Config\nusers: &u # c\n  - name: a\n    user: {}\ncontexts: []\nclusters: []\n",
             "kind: Config\n? clusters\n:\n- name: a\n  cluster: {server: x}\nusers: []\ncontexts: []\n",
             "users:\n- name: a\n  user: &a {token: &b x}\n- name: b\n  user: *a\nclusters: []\ncontexts: []\n",
             "apiVersion: ''\nkind: ''\nusers: []\n", "apiVersion: /v1\nusers: []\n",
             "kind: Config\nusers: null\n---\n", "kind: Config\nusers:\n- name: a\n  user: {}\n---   # the end\n\n",
             "kind: Config\n...\n---\n# no more\n", "%YAML 1.1\n--- # c\nkind: Config\n---\n---\n"})
        CHECK_MESSAGE(back(text) == text, text);
    for (const std::string text : {"clusters: &none []\nusers: *none\ncontexts: *none\n", "clusters: &n ~\nusers: []\n",
             "contexts: &a1 [\n  ]\nusers: []\n"})
        CHECK_THROWS(texts::merged(text, {one}));
    const std::string commented = "clusters:   # keep me\n\n  # and me\n  ~\nusers: []\ncontexts: []\n";
    const auto with = texts::merged(commented, {one});
    for (const auto* const comment : {"# keep me\n", "# and me\n"}) CHECK(with.find(comment) != with.npos);
    CHECK(back(commented).find("# and me\n") != std::string::npos);
}

// libyaml sees one character in place of each long word; these are the places where that could go wrong.
TEST_CASE("a value is the same whatever words, escapes and comments are around it")
{
    const auto token_of = [](const std::string& lines) {
        const auto set = texts::set_of("users:\n- name: u\n  user:\n" + lines);
        return std::string(doks::kube::text_of(set.body(doks::kube::entry_list::users, {0, 0}), "token"));
    };
    CHECK(token_of("    token: \"x\\u003By\"\n") == "x;y");
    CHECK(token_of("    token: \"longer-word\\x3bAnotherWord;\"\n") == "longer-word;AnotherWord;");
    CHECK(token_of("    token: \"\\x3b\\x5e\\x24\\x28\\x29 a-long-word\"\n") == ";^$() a-long-word");
    CHECK(token_of("    token: 'it''s a-long-word; and ''another-one'''\n") == "it's a-long-word; and 'another-one'");
    CHECK(token_of("    token: >-\n      a-long-word\n      and-another\n") == "a-long-word and-another");
    CHECK(token_of("    note: &a {token: outer, x: &a joe}\n    token: *a\n") == "joe");
    CHECK(texts::refusal_of("users:\n- name: &b # staging1-context\n    \"\\x3b\"\n").find("a comment between") !=
          std::string::npos);
}

// Nothing may be half done when the parser gives up.
TEST_CASE("a hostile kubeconfig is refused before anything is changed")
{
    CHECK(texts::refusal_of("kind: Pod\n") == "`kind` is not `Config`");
    CHECK(texts::refusal_of("apiVersion: v2\n") == "`apiVersion` is not `v1`");
    CHECK(texts::refusal_of("a: *x\n") == "it has an alias without an anchor before it");
    CHECK(texts::refusal_of("a: !!str x\n") == "it uses a tag such as `!!str`: take it out");
    CHECK(texts::refusal_of("a: 1\na: 2\n") == "it has the same key twice: take one of them out");
    CHECK(texts::refusal_of("a: 1\n---\nb: 2\n") == "kubectl reads nothing from line 3 on: take that out, keep another "
                                                    "document in a file of its own, or indent the "
                                                    "lines alike");
    CHECK(texts::refusal_of(" a: 1\nb: 2\n").starts_with("kubectl reads nothing from line 2 on"));
    CHECK(texts::refusal_of("{\"a\": 1}\nx\n").starts_with("kubectl reads nothing from line 2 on"));
    CHECK(texts::refusal_of("---\n---\n").starts_with("kubectl reads nothing from line 2 on"));
    CHECK(texts::refusal_of("a: \"\\'\"\n") == "not YAML: line 1: it has an escape that YAML does not know");
    CHECK(texts::refusal_of("\xEF\xBB\xBF\xEF\xBB\xBFkind: Config\n") ==
          "it begins with two byte order marks: take one out");
    CHECK(texts::refusal_of(std::string_view("\xFF\xFE\xFF\xFE\x61\0", 6)) ==
          "it begins with two byte order marks: take one out");
    CHECK(texts::refusal_of("- a\n") == "its top level is not a mapping");
    CHECK(texts::refusal_of("users: x\n") == "`users` is not a list");
    CHECK(texts::refusal_of("users:\n- name: a\n- name: 'a'\n") ==
          "`users[1].name` is that of two entries: rename one of them");
    CHECK(texts::refusal_of("users:\n- user: {}\n- null\n") ==
          "`users[1].name` is that of two entries: rename one of them");
    CHECK(texts::refusal_of("users:\n- a\n") == "`users[0]` is not a mapping");
    CHECK(texts::refusal_of("users:\n- name: a\n  user: [x]\n") == "`users[0].user` is not a mapping");
    CHECK(texts::refusal_of(std::string(std::size_t(50) << 20, ' ') + "a") == "larger than 16 MiB");
    CHECK(texts::refusal_of(std::string(100000, '[')).find("256 levels") != std::string::npos);
    CHECK_THROWS(texts::merged("kind: Config\rclusters: null\r", {one}));
}

// libyaml's cost grows with the square of some inputs.
TEST_CASE("a large and hostile document is refused in a bounded time")
{
    std::chrono::duration<double> longest{0};
    const auto refused = [&](std::string_view piece, std::size_t bytes, std::string_view before = {}) {
        std::string text(before);
        while (text.size() < bytes) text += piece;
        const auto start = std::chrono::steady_clock::now();
        CHECK_MESSAGE(!texts::refusal_of(text).empty(), piece);
        longest = std::max<std::chrono::duration<double>>(longest, std::chrono::steady_clock::now() - start);
    };
    for (std::string_view piece :
        {"[", "[{", "a,", "-\n", "- ", "? ", "\"", "'", "|", "!", "&", "*", "---\n", "a: b: c\n"})
        refused(piece, std::size_t(1) << 20);
    refused("[],", 300000, "kind: [");
    refused("[],", 300000, "users: {a: [");
    refused("- name: a\n", std::size_t(1) << 20, "users:\n");
    refused("\"\\x41\", ", 300000, "users: [");
    CHECK(longest.count() < 10);
    MESSAGE("at most " << longest.count() << " s");
}

// Linear lookups per entry would make `save --all` take minutes.
TEST_CASE("a thousand are merged into one text in a time that grows as their number")
{
    const auto merged_in = [](unsigned count) {
        std::vector<std::string> configs;
        for (unsigned number = 0; number < count; ++number) {
            const auto digits = std::to_string(100000 + number);
            configs.push_back(texts::config("do-ams3-c" + digits, "11111111-2222-4333-8444-555555" + digits));
        }
        const auto start = std::chrono::steady_clock::now();
        const auto text = texts::merged("", configs);
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
        CHECK(texts::merged(text, configs) == text);
        return took.count();
    };
    const double hundred = merged_in(100);
    const double thousand = merged_in(1000);
    CHECK(thousand < 5000);
    MESSAGE("100: " << hundred << " ms, 1,000: " << thousand << " ms");
}
