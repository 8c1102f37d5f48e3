#include "kubeconfig/file/files.hpp"
#include "kubeconfig/read/server_key.hpp"

#include <doctest/doctest.h>

// Names: what a new entry is called, which entry is renewed, and what an alias does. Each case is one that two
// real accounts can bring about.

using doks::kubeconfig_file;
using doks::merge_change;
using doks::kube::server_key;

namespace {

/// The files of two accounts whose clusters have the same name.
struct collision
{
    collision()
    {
        file.merge(config_named("do-ams3-web", 1, "first"), undisturbed());
        before = content(root / "config");
    }

    const scratch root;
    kubeconfig_file file{root / "config"};
    std::string before;
};

}

// An entry is found again by it, however another tool writes the URL.
TEST_CASE("a server's key leaves out what makes no difference")
{
    CHECK(server_key("https://A.example.com") == "https://a.example.com:443");
    CHECK(server_key("HTTPS://a.example.com:443/") == "https://a.example.com:443");
    CHECK(server_key("https://a.example.com.:443") == "https://a.example.com:443");
    CHECK(server_key("https://a.example.com:6443/P/") == "https://a.example.com:6443/P");
    CHECK(server_key("http://a.example.com") == "http://a.example.com:80");
    CHECK(server_key("https://[::1]:6443") == "https://[::1]:6443");
    CHECK(server_key("https://[::1]") == "https://[::1]:443");
    CHECK(server_key("https://u@a") != server_key("https://a"));
    CHECK(server_key("nonsense") == "nonsense");
}

// The path is the simulator's form.
TEST_CASE("a server's URL names its cluster by its host, or at the end of its path")
{
    using doks::kube::cluster_id_of;
    const std::string host = uuid(1) + ".k8s.ondigitalocean.com";
    for (const std::string& url : {"https://" + host, "https://" + host + ":443/", host, "https://" + host + ".",
             "https://" + host + "?x", "https://gate.example/clusters/" + uuid(1) + "/"})
        CHECK_MESSAGE(cluster_id_of(url) == uuid(1), url);
    for (const std::string& url :
        {"https://u@" + host, "https://" + host + ":x@evil.example", "https://evil.example/?" + host,
            "https://x" + host, host + ".example", std::string("https://"), std::string()})
        CHECK_MESSAGE(cluster_id_of(url).empty(), url);
}

// Two accounts may have clusters of the same name in the same region.
TEST_CASE("a name that another server has is not overwritten: the new one is renamed")
{
    collision two;
    const auto outcome = two.file.merge(config_named("do-ams3-web", 2, "second"), undisturbed()).entries.front();
    CHECK(outcome.renamed);
    CHECK(outcome.change == merge_change::added);
    CHECK(outcome.context == "do-ams3-web-00000000");
    CHECK(outcome.user == "do-ams3-web-admin-00000000");
    const auto third = two.file.merge(config_named("do-ams3-web", 3, "third"), undisturbed()).entries.front();
    CHECK(third.context == "do-ams3-web-00000000-2");
    CHECK(content(two.root / "config").find("token: first") != std::string::npos);
    const auto again = two.file.merge(config_named("do-ams3-web", 2, "fourth"), undisturbed()).entries.front();
    CHECK(again.context == "do-ams3-web-00000000");
    CHECK(again.change == merge_change::updated);
    CHECK_FALSE(again.renamed);
    two.file.remove(uuid(2));
    two.file.remove(uuid(3));
    CHECK(content(two.root / "config") == two.before);
}

// A cluster that was deleted and made anew under its name.
TEST_CASE("or it takes the place of the other one, if doks may remove that")
{
    collision two;
    auto options = undisturbed();
    options.on_collision = doks::name_collision::replace;
    options.current = doks::current_context::set_to_first;
    two.file.merge(config_named("do-ams3-web", 1, "first"), options);
    options.current = doks::current_context::keep;
    const auto outcome = two.file.merge(config_named("do-ams3-web", 2, "second"), options).entries.front();
    CHECK(outcome.replaced);
    CHECK_FALSE(outcome.renamed);
    CHECK(outcome.change == merge_change::added);
    CHECK(contexts_in(two.file) == std::vector<std::string>{"do-ams3-web"});
    CHECK(two.file.entries().front().cluster_id == uuid(2));
    CHECK(two.file.current() == "do-ams3-web");
    CHECK(content(two.root / "config").find("first") == std::string::npos);
    CHECK_FALSE(two.file.merge(config_named("do-ams3-web", 2, "third"), options).entries.front().replaced);
    // Also where the new one has another name by now; but nothing that the same run put in.
    two.file.merge(config_named("do-ams3-web", 3), undisturbed());
    CHECK(contexts_in(two.file).size() == 2);
    CHECK(two.file.merge(config_named("do-ams3-web", 3), options).entries.front().context == "do-ams3-web");
    CHECK(contexts_in(two.file) == std::vector<std::string>{"do-ams3-web"});
    const doks::kubeconfig twins[] = {config_named("do-ams3-web", 4), config_named("do-ams3-web", 5)};
    const auto both = two.file.merge(twins, options).entries;
    CHECK(both[0].replaced);
    CHECK_FALSE(both[1].replaced);
    CHECK(contexts_in(two.file).size() == 2);
    // The user's own stays.
    write(two.root / "config", "clusters:\n- name: do-ams3-web\n  cluster: {server: 'https://10.0.0.1'}\ncontexts:\n"
                               "- name: do-ams3-web\n  context: {cluster: do-ams3-web, user: me}\nusers:\n- name: me\n "
                               " user: {tokenFile: /t}\n");
    const auto beside = two.file.merge(config_named("do-ams3-web", 2), options).entries.front();
    CHECK_FALSE(beside.replaced);
    CHECK(beside.renamed);
    CHECK(contexts_in(two.file).size() == 2);
}

// All or nothing: a half-merged list would be hard to explain.
TEST_CASE("or it is refused, and then nothing is written, not even of the others")
{
    collision two;
    auto options = undisturbed();
    options.on_collision = doks::name_collision::refuse;
    const doks::kubeconfig several[] = {config_number(7), config_named("do-ams3-web", 2)};
    const auto why = failure_of([&] { two.file.merge(several, options); });
    CHECK(why == doks::errc::name_taken);
    CHECK(why.detail().find("`do-ams3-web` is another server's") != std::string::npos);
    CHECK(content(two.root / "config") == two.before);
    CHECK(two.file.merge(config_named("do-ams3-web", 1), options).entries.front().change == merge_change::updated);
}

// The cluster keeps its name, so that the next merge without an alias finds it.
TEST_CASE("an alias names the context, of a new cluster and beside that of a known one")
{
    collision one;
    auto options = undisturbed();
    options.alias = "prod";
    const auto beside = one.file.merge(config_named("do-ams3-web", 1, "first"), options).entries.front();
    CHECK(beside.context == "prod");
    CHECK(beside.change == merge_change::added);
    CHECK(one.file.merge(config_named("do-ams3-web", 1, "first"), options).written.empty());
    CHECK(contexts_in(one.file) == std::vector<std::string>{"do-ams3-web", "prod"});
    one.file.remove("prod");
    CHECK(content(one.root / "config") == one.before);
    options.alias = "test me: \"x\"";
    const auto fresh = one.file.merge(config_number(5), options).entries.front();
    CHECK(fresh.context == options.alias);
    CHECK(fresh.cluster == name_of(5));
    CHECK(one.file.entries().back().context == options.alias);
    const doks::kubeconfig both[] = {config_number(1), config_number(2)};
    CHECK(failure_of([&] { one.file.merge(both, options); }) == doks::errc::invalid_argument);
    options.alias = "a\x1b[31m";
    CHECK(failure_of([&] { one.file.merge(config_number(1), options); }) == doks::errc::invalid_argument);
}

// People add contexts with other namespaces or users for the same cluster.
TEST_CASE("of several contexts of a cluster the one with the same user is renewed, and the others stay")
{
    const scratch root;
    write(root / "config",
        "clusters:\n- {name: a, cluster: {server: \"https://" + uuid(1) +
            ".k8s.ondigitalocean.com\"}}\ncontexts:\n- {name: sso, context: {cluster: a, user: s}}\n"
            "- {name: old, context: {cluster: a, user: do-ams3-n1-admin}}\n"
            "users:\n- {name: s, user: {exec: {command: x}}}\n- {name: do-ams3-n1-admin, user: {token: o}}\n");
    kubeconfig_file file(root / "config");
    CHECK(file.merge(config_number(1), undisturbed()).entries.front().context == "old");
    CHECK(content(root / "config").find("{exec: {command: x}}") != std::string::npos);
    CHECK(content(root / "config").find("{token: \"abc-def\"}") != std::string::npos);
}

// The later one is the newer credential.
TEST_CASE("two kubeconfigs of one server in one merge end as the later one")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    const doks::kubeconfig both[] = {config_number(1, "earlier"), config_named("other-name", 1, "later")};
    const auto outcome = file.merge(both, undisturbed()).entries;
    CHECK(outcome[0].change == merge_change::added);
    CHECK(outcome[1].change == merge_change::updated);
    CHECK(outcome[1].context == name_of(1));
    CHECK(content(root / "config").find("earlier") == std::string::npos);
    CHECK(content(root / "config").find("token: later\n") != std::string::npos);
}

// The number, or the cluster's id, tells which of a thousand it was.
TEST_CASE("what cannot be used is named, and nothing of it is opened or merged")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    const auto refused = [&](std::string_view text) {
        const auto why = failure_of([&] { file.merge(doks::kubeconfig(text), undisturbed()); });
        CHECK(why == doks::errc::not_a_kubeconfig);
        CHECK_FALSE(std::filesystem::exists(root / "config"));
        return why.detail();
    };
    CHECK(refused("") == "kubeconfig 1: it is empty");
    CHECK(refused(sample::around("    tokenFile: /etc/hostname\n")).find("tokenFile") != std::string::npos);
    CHECK(refused(sample::changed(sample::with_token(), "current-context: do-nyc1-blue", "current-context: x"))
              .find("current-context") != std::string::npos);
    CHECK(refused("a: !b c").find("tag") != std::string::npos);
}

// Other contexts may share them.
TEST_CASE("a removal takes a cluster and a user only with the last context, and an ambiguous name nothing")
{
    collision two;
    two.file.merge(config_named("do-nyc3-web", 2), undisturbed());
    const auto before = content(two.root / "config");
    const auto why = failure_of([&] { two.file.remove("web"); });
    CHECK(why == doks::errc::ambiguous_name);
    CHECK(content(two.root / "config") == before);
    const std::vector<std::string> words{"nothing", "do-nyc3-web", uuid(9)};
    const auto outcome = two.file.remove(words);
    CHECK(outcome.removed == std::vector<std::string>{"do-nyc3-web"});
    CHECK(outcome.unknown == std::vector<std::string>{"nothing", uuid(9)});
    CHECK(two.file.remove("web").removed == std::vector<std::string>{"do-ams3-web"});
    CHECK(two.file.remove("web").written.empty());
}
