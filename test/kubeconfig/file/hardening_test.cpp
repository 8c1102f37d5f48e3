#include "kubeconfig/file/files.hpp"
#include "kubeconfig/posix/lock_file.hpp"
#include "yaml/document.hpp"

#include <doks/audit.hpp>

#include <doctest/doctest.h>

#include <thread>

// What a hostile reading of the editor found, one test for each. They are kept apart from the tests of the rules,
// since each is about a form that was not thought of before.

using namespace std::chrono_literals;
using doks::kubeconfig_file;
using paths = std::vector<std::filesystem::path>;

namespace {

const std::string one = texts::config("do-ams3-one", uuid(1));

/// A file whose only cluster is that of `one`, with these lines for its context and its user.
std::string around(std::string_view context, std::string_view users)
{
    return "clusters:\n- cluster:\n    server: https://" + uuid(1) + ".k8s.ondigitalocean.com\n  name: c\ncontexts:\n" +
           std::string(context) + "users:\n" + std::string(users);
}

/// What a user's lines make of a kubeconfig of `one`'s cluster.
std::string with_user(std::string_view lines) { return sample::changed(one, "    token: abc-def\n", lines); }

constexpr std::string_view plain_arguments = "    exec:\n"
                                             "      apiVersion: client.authentication.k8s.io/v1beta1\n"
                                             "      args:\n"
                                             "      - --scope=a,b\n"
                                             "      - -x[1]\n"
                                             "      - ${HOME}\n"
                                             "      - 12#4\n"
                                             "      - -1\n"
                                             "      command: doctl\n";

}

// Found by a hostile reading: quotes around flow characters were lost in block lists.
TEST_CASE("arguments that hold commas, brackets and braces are merged, whatever quotes they come with")
{
    for (std::string_view into : {"", R"({"clusters":[],"contexts":[],"users":[]})"}) {
        const auto text = texts::merged(into, {with_user(plain_arguments)});
        CHECK(text.find("\"--scope=a,b\"") != text.npos);
        CHECK(text.find("\"-1\"") == text.npos);
        CHECK(texts::merged(text, {with_user(plain_arguments)}) == text);
    }
}

// `null`, `~`, nothing and an empty mapping all mean the same to kubectl.
TEST_CASE("a value that is not there is merged, whatever it is written as")
{
    for (std::string_view nothing : {"", " ~", " null", " Null"})
        for (std::string_view into : {"", R"({"clusters":[],"contexts":[],"users":[]})"}) {
            const auto config = with_user(
                "    token: abc-def\n    exec:" + std::string(nothing) + "\n    x: [" + std::string(nothing) + " ]\n");
            const auto text = texts::merged(into, {config});
            CHECK(texts::merged(text, {config}) == text);
        }
}

// They belong to no entry, so no entry may take them along.
TEST_CASE("comments below an empty list stay when its first entry comes and goes")
{
    const std::string text = "clusters: null\n  # - name: was mine\n# zero\nusers:\n  # deep\n\n  # deeper\n"
                             "contexts: []\n   # the last";
    const auto with = texts::merged(text, {one});
    CHECK(with.find("clusters:\n  # - name: was mine\n- cluster:\n") != with.npos);
    CHECK_MESSAGE(texts::removed(with, {uuid(1)}) == text, with);
}

// `# was` marks what a list was before; a user may have written the same words.
TEST_CASE("a comment of the user's that begins as one of ours is no obstacle to a removal")
{
    for (std::string_view comment :
        {" # was 3 last year", " # was nothing to me", " # was absent", " # was", " # was []", " # was [x]"}) {
        const auto text = sample::changed(one, "clusters:", "clusters:" + std::string(comment));
        const auto left = texts::removed(text, {uuid(1)});
        CAPTURE(left);
        CHECK(texts::set_of(left).entries(doks::kube::entry_list::clusters).empty());
    }
}

// The first key of an entry shares its line with the dash.
TEST_CASE("a value at the dash of an entry is replaced without the dash")
{
    const auto text = texts::merged(around("- context: {cluster: c, user: do-ams3-one-admin}\n  name: x\n",
                                        "- user:\n  name: do-ams3-one-admin\n- user: null\n  name: v\n"),
        {one});
    CHECK(text.find("users:\n- user:\n    token: abc-def\n  name: do-ams3-one-admin\n- user: null\n") != text.npos);
}

// Three dots alone end a document.
TEST_CASE("a key that begins with three dots ends no document")
{
    CHECK(texts::removed(texts::merged("kind: Config\n...a: 1\n", {one}), {uuid(1)}) == "kind: Config\n...a: 1\n");
}

// kubectl ignores it, and removing it would not be doks' business.
TEST_CASE("a context whose user is no text, or that has none, stays as it is")
{
    for (const std::string context : {"{cluster: c, user: [a]}", "{cluster: c}"}) {
        const auto text =
            texts::merged(around("- name: x\n  context: " + context + "\n", "- {name: a, user: {}}\n"), {one});
        CHECK(text.find("- name: x\n  context: " + context + "\n") != text.npos);
        const auto set = texts::set_of(text);
        const auto added = set.find(doks::kube::entry_list::contexts, "do-ams3-one");
        REQUIRE(added);
        CHECK(set.text(doks::kube::entry_list::contexts, *added, "user") == "do-ams3-one-admin");
    }
}

// Otherwise kubectl would send this cluster's token to another server.
TEST_CASE("a credential never comes under a name that a context of another server refers to")
{
    const std::string foreign = "- {cluster: {server: \"https://other.example.com\"}, name: other}\n";
    const std::string waiting = "- {context: {cluster: other, user: do-ams3-one-admin}, name: other}\n";
    const auto fresh = "clusters:\n" + foreign + "contexts:\n" + waiting;
    const auto known = around(waiting + "- {context: {cluster: c, user: do-ams3-one-admin}, name: x}\n", "");
    for (const auto& text : {fresh, known}) {
        std::vector<doks::merged_kubeconfig> outcome;
        const auto set = texts::set_of(texts::merged(text, {one}, &outcome));
        CHECK_FALSE(set.find(doks::kube::entry_list::users, "do-ams3-one-admin"));
        CHECK(outcome.front().user == "do-ams3-one-admin-00000000");
        CHECK(outcome.front().renamed);
    }
}

// The second lock would wait for the first for ever.
TEST_CASE("a file that a list names in two ways is locked once")
{
    const scratch root;
    std::filesystem::create_directory(root / "real");
    std::filesystem::create_directory_symlink("real", root / "linked");
    write(root / "real/config", "kind: Config\n");
    for (const auto& again : {root / "linked/config", root / "real/./config", root / "linked/../real/config"}) {
        kubeconfig_file file(paths{root / "real/config", again});
        file.wait_for_lock(0ms);
        CHECK(file.merge(config_number(1), undisturbed()).entries.front().context == name_of(1));
        CHECK(file.remove(name_of(1)).removed.size() == 1);
        CHECK(content(root / "real/config") == "kind: Config\n");
    }
    CHECK(names_in(root / "real") == std::vector<std::string>{"config"});
}

// With the first context gone the later one counts, and refers to the same entries.
TEST_CASE("what a context of a later file needs stays when a context of the same name before it is taken out")
{
    const scratch root;
    write(root / "a", texts::config("web", uuid(1)));
    write(root / "b", "contexts:\n- {name: web, context: {cluster: web, user: web-admin}}\n");
    kubeconfig_file file(paths{root / "a", root / "b"});
    CHECK(file.remove("web").removed == std::vector<std::string>{"web"});
    const auto left = file.entries();
    REQUIRE(left.size() == 1);
    CHECK(left.front().cluster_id == uuid(1));
    CHECK(left.front().kind == doks::credential_kind::token);
}

// A repair may find the old name taken.
TEST_CASE("an entry that is merged again under another name is reported by that")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    file.merge(config_named("web", 1), undisturbed());
    doks::merge_options options;
    options.verify_after = 150ms;
    std::thread other([&] {
        for (int tries = 0; tries < 200 && content(root / "config").find("web-00000000") == std::string::npos; ++tries)
            std::this_thread::sleep_for(1ms);
        const auto lock = doks::kube::lock_file::take(root / "config", std::chrono::steady_clock::now() + 5s);
        write(root / "config", "kind: Config\n");
    });
    const auto outcome = file.merge(config_named("web", 2), options);
    other.join();
    CHECK(outcome.repaired == 1);
    CHECK(outcome.lost.empty());
    REQUIRE(contexts_in(file) == std::vector<std::string>{"web"});
    CHECK(outcome.entries.front().context == "web");
    CHECK(outcome.entries.front().change == doks::merge_change::added);
}

// The same bound as for merging.
TEST_CASE("thousands are taken out by their UUID in a time that grows as their number")
{
    std::vector<std::string> configs;
    std::vector<std::string> ids;
    for (unsigned number = 0; number < 2000; ++number) {
        configs.push_back(texts::config("do-ams3-c" + std::to_string(number), uuid(number)));
        ids.push_back(uuid(number));
    }
    const auto text = texts::merged("", configs);
    const auto start = std::chrono::steady_clock::now();
    CHECK(texts::removed(text, ids) == texts::merged("", {}));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    MESSAGE(took.count() << " s for 2,000");
}

// The line end that an appended entry needs would become part of the text.
TEST_CASE("a block of text at the end of a file that does not end its line is refused, for a line end would change it")
{
    for (std::string_view mark : {"|", ">", "|+"}) {
        const auto text = around("", "- name: u\n  user:\n    token: " + std::string(mark) + "\n      abc");
        CHECK_FALSE(texts::refusal_of(text).empty());
        CHECK(texts::refusal_of(text + "\n").empty());
    }
}

// URLs may hold one, and RFC 3986 is not what people write.
TEST_CASE("a finding shows no password, however badly its URL is written")
{
    for (std::string_view url : {"http://me:pass@h", "http://me:pa/ss@h", "http://me:pa?ss@h", "http:/me:pass@h",
             "me:pass@h", "me:pass@h://x", "https://h/?key=pass@x"}) {
        const auto text = "clusters:\n- name: c\n  cluster:\n    proxy-url: \"" + std::string(url) +
                          "\"\n    server: \"" + std::string(url) + "\"\n";
        for (const auto& each : doks::audit(text)) CHECK_MESSAGE(each.detail.find("pa") == std::string::npos, url);
    }
}
